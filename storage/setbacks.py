"""What went wrong between us and somebody: complaints, angry answers, bounces. The gate keeps quiet after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .database import Tx
from .naming import Table

COMPLAINT, NEGATIVE_REPLY, BOUNCE, UNSUBSCRIBE = "complaint", "negative_reply", "bounce", "unsubscribe"
COLUMNS = "contact_id,kind,channel,at,message_id,journey_id,source"


class Setback(Table, table=True):
    """One complaint, negative reply, bounce or unsubscribe. Moments are milliseconds.

    An unsubscribe is kept for the rate of the journey it answers: whom it keeps away is said by consent.
    """

    __tablename__ = "setbacks"
    __table_args__ = (
        Index("ix_setbacks_contact_id", "contact_id", "at"),
        Index("ix_setbacks_journey_id", "journey_id", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    contact_id: int = Field(sa_type=Key)
    kind: str = Field(sa_type=Text)  # complaint, negative_reply, bounce, unsubscribe
    channel: str = Field(default="", sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=Key)
    journey_id: int | None = Field(default=None, sa_type=Key)
    source: str = Field(default="", sa_type=Text)  # a sentence: where we know it from


@dataclass(frozen=True, slots=True)
class Noted:
    """One setback, before it is written. ``at`` is in milliseconds."""

    contact_id: int
    kind: str
    channel: str
    at: int
    message_id: int | None = None
    journey_id: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Toll:
    """What came of what a journey sent in a stretch: messages, and the people who answered them so."""

    sent: int
    unsubscribes: int
    complaints: int


def note(tx: Tx, noted: Sequence[Noted]) -> None:
    """Write them down."""
    rows = [(n.contact_id, n.kind, n.channel, n.at, n.message_id, n.journey_id, n.source[:500]) for n in noted]
    tx.insert("setbacks", COLUMNS, rows)


def journeys_with(tx: Tx, journey_ids: Sequence[int], since_ms: int) -> list[int]:
    """Which of these journeys had complaints or unsubscribes since then."""
    among, ids = tx.among(journey_ids)
    rows = tx.rows(
        f"SELECT DISTINCT journey_id FROM setbacks WHERE journey_id {among} AND at >= ?"
        " AND kind IN ('complaint', 'unsubscribe') ORDER BY journey_id",
        (ids, since_ms),
    )
    return [journey for (journey,) in rows]


def answers(tx: Tx, journey_id: int, since_ms: int) -> tuple[int, int]:
    """How many people unsubscribed and how many complained after that moment, whatever they had before."""
    said = dict(
        tx.rows(
            "SELECT kind, count(DISTINCT contact_id) FROM setbacks WHERE journey_id = ? AND at > ? GROUP BY kind",
            (journey_id, since_ms),
        )
    )
    return int(said.get(UNSUBSCRIBE, 0)), int(said.get(COMPLAINT, 0))


def toll(tx: Tx, journey_id: int, since_ms: int) -> Toll:
    """How many messages a journey sent after that moment, and how many people answered one of these so."""
    sent = tx.value("SELECT count(*) FROM touches WHERE at > ? AND journey_id = ?", (since_ms, journey_id))
    said = dict(
        tx.rows(
            "SELECT s.kind, count(DISTINCT s.contact_id) FROM setbacks s JOIN touches t ON t.message_id = s.message_id"
            " WHERE s.journey_id = ? AND s.at > ? AND t.at > ? GROUP BY s.kind",
            (journey_id, since_ms, since_ms),
        )
    )
    return Toll(int(sent or 0), int(said.get(UNSUBSCRIBE, 0)), int(said.get(COMPLAINT, 0)))
