"""Whom a journey did not take in although its trigger called them, and why: a row for each contact and journey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from .columns import Key
from .database import Tx
from .naming import Table

GROUP, AGAIN, ROUND, RULE, CLOSED = "group", "again", "round", "rule", "closed"  # see `TurnedAway.why`


class TurnedAway(Table, table=True):
    """Somebody a journey refused. Moments are milliseconds.

    ``why``: group (they were in a journey that excludes this one, or one of higher priority was), again (they may not
    come in again yet), round (a switch would have brought them in twice in a short while), rule (they do not meet that
    of the trigger), closed (the journey is not live). ``other_id`` is the journey that stood in the way, ``rule`` the
    exclusion group.
    """

    __tablename__ = "turned_away"
    __table_args__ = (Index("ix_turned_away_journey_id", "journey_id", "last_at"),)

    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    journey_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    n: int = Field(sa_type=Integer)
    first_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
    why: str = Field(sa_type=Text)
    other_id: int | None = Field(default=None, sa_type=Key)
    rule: str = Field(default="", sa_type=Text)


class Turned(NamedTuple):
    """One refusal, before it is written."""

    contact_id: int
    journey_id: int
    why: str
    other_id: int | None = None
    rule: str = ""


class Line(NamedTuple):
    """A refusal as a page shows it."""

    journey: str
    title: str
    n: int
    last_at: int
    why: str
    other: str | None  # the title of the journey that stood in the way
    rule: str


_COUNT_ON = (
    " ON CONFLICT (contact_id, journey_id) DO UPDATE SET n = turned_away.n + excluded.n, last_at = excluded.last_at,"
    " why = excluded.why, other_id = excluded.other_id, rule = excluded.rule"
)


def note(tx: Tx, turned: Sequence[Turned], now_ms: int) -> None:
    """Write refusals down; who was refused before is counted on, with the latest reason."""
    tx.many(
        "INSERT INTO turned_away (contact_id, journey_id, n, first_at, last_at, why, other_id, rule)"
        f" VALUES (?, ?, 1, ?, ?, ?, ?, ?){_COUNT_ON}",
        [(t.contact_id, t.journey_id, now_ms, now_ms, t.why, t.other_id, t.rule) for t in turned],
    )


def of(tx: Tx, contact_id: int) -> list[Line]:
    """The journeys that did not take somebody in, the latest first."""
    rows = tx.rows(
        "SELECT j.name, j.title, t.n, t.last_at, t.why, o.title, t.rule FROM turned_away t"
        " JOIN journeys j ON j.id = t.journey_id LEFT JOIN journeys o ON o.id = t.other_id"
        " WHERE t.contact_id = ? ORDER BY t.last_at DESC, j.name",
        (contact_id,),
    )
    return [Line(*row) for row in rows]


def counts(tx: Tx, since_ms: int) -> dict[int, int]:
    """How many people each journey has turned away lately, by its id."""
    return dict(
        tx.rows(
            "SELECT journey_id, count(*) FROM turned_away WHERE last_at >= ? GROUP BY journey_id ORDER BY journey_id",
            (since_ms,),
        )
    )  # type: ignore[arg-type]


def carry(tx: Tx, pairs: Sequence[tuple[int, int]]) -> None:
    """Merging ``(loser, winner)``: what the one was refused, the other was."""
    tx.many(
        "INSERT INTO turned_away (contact_id, journey_id, n, first_at, last_at, why, other_id, rule)"
        " SELECT ?, journey_id, n, first_at, last_at, why, other_id, rule FROM turned_away WHERE contact_id = ?"
        + _COUNT_ON,
        [(winner, loser) for loser, winner in pairs],
    )
    tx.many("DELETE FROM turned_away WHERE contact_id = ?", [(loser,) for loser, _ in pairs])
