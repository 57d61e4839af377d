"""What people can agree to: the owner's topics, each with its words in several languages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .consents import TOPIC
from .database import Tx
from .naming import Table

NAMES = ("name", "words", "channels", "legal_basis", "audience", "position", "archived_at")


class Topic(Table, table=True):
    """One topic. ``words`` is language → title and description; archived ones are asked for no more, but still kept."""

    __tablename__ = "topics"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    words: dict[str, dict[str, str]] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    channels: list[str] = Field(default_factory=lambda: ["email"], sa_column=Column(Json, nullable=False))
    legal_basis: str = Field(default="consent", sa_type=Text)
    audience: str = Field(default="", sa_type=Text)  # "" is everybody; b2c and b2b see only their own preference centre
    position: int = Field(default=0)
    archived_at: int | None = Field(default=None, sa_type=Key)

    def said(self, language: str, field: str = "title") -> str:
        """Its title or description in this language, else in English, else in any."""
        for one in (language, language.partition("-")[0], "en", *self.words):
            if found := self.words.get(one, {}).get(field):
                return found
        return self.name if field == "title" else ""


def catalogue(tx: Tx, archived: bool = False) -> list[Topic]:
    """The topics in the owner's order. What journeys are sent under without a topic is there from the beginning."""
    rows = tx.rows(f"SELECT {', '.join(NAMES)} FROM topics ORDER BY position, name")
    found = [_topic(row) for row in rows]
    if all(topic.name != TOPIC for topic in found):
        found.insert(0, Topic(name=TOPIC, words=FIRST, channels=["email", "sms"]))
    return [topic for topic in found if archived or topic.archived_at is None]


def named(tx: Tx, name: str) -> Topic | None:
    """A topic, archived or not."""
    return next((topic for topic in catalogue(tx, archived=True) if topic.name == name), None)


def keep(tx: Tx, topic: Topic) -> None:
    """Write a topic, new or changed."""
    values = topic.model_dump()
    row = [dump(values[name]) if name in ("words", "channels") else values[name] for name in NAMES]
    sets = ", ".join(f"{name} = excluded.{name}" for name in NAMES[1:])
    tx.run(
        f"INSERT INTO topics ({', '.join(NAMES)}) VALUES ({', '.join('?' * len(NAMES))}) "
        f"ON CONFLICT (name) DO UPDATE SET {sets}",
        row,
    )


def _topic(row: Any) -> Topic:
    values = dict(zip(NAMES, row, strict=True))
    return Topic(**{**values, "words": load(values["words"]), "channels": load(values["channels"])})


FIRST = {
    "en": {"title": "News and offers", "description": "What is new with us, and what costs less for a while."},
    "cs": {"title": "Novinky a nabídky", "description": "Co je u nás nového a co je na čas výhodnější."},
    "sk": {"title": "Novinky a ponuky", "description": "Čo je u nás nové a čo je na čas výhodnejšie."},
    "de": {"title": "Neues und Angebote", "description": "Was es bei uns Neues gibt und was gerade günstiger ist."},
}
