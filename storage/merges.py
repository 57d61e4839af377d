"""Contacts that became one, with what is needed to make them two again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .database import Row, Tx
from .naming import Table

UNDO_MS = 30 * 86_400_000  # so long a merge can be taken back; then what it was before is forgotten


class Merge(Table, table=True):
    """One contact went into another. ``before`` is what the loser was and had, and what the winner was."""

    __tablename__ = "merges"
    __table_args__ = (
        Index("ix_merges_loser", "loser"),
        Index("ix_merges_winner", "winner"),
        Index("ix_merges_at", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    loser: int = Field(sa_type=Key)
    winner: int = Field(sa_type=Key)
    reason: str = Field(sa_type=Text)  # a key of runtime.merging.REASONS
    actor: str = Field(default="", sa_type=Text)  # who confirmed it; empty when what came in said so
    at: datetime = Field(sa_type=Moment)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by: str = Field(default="", sa_column_kwargs={"server_default": ""}, sa_type=Text)
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge in a list; moments are milliseconds."""

    id: int
    loser: int
    winner: int
    reason: str
    actor: str
    at: int
    undone_at: int | None
    undone_by: str


_MERGED = "SELECT id, loser, winner, reason, actor, at, undone_at, undone_by FROM merges"


def merge_of(tx: Tx, merge_id: int) -> tuple[Merged, Any] | None:
    """A merge and its stored ``before``."""
    row = tx.one(
        "SELECT id, loser, winner, reason, actor, at, undone_at, undone_by, before FROM merges WHERE id = ?",
        (merge_id,),
    )
    return None if row is None else (Merged(*row[:8]), row[8])


def recent(tx: Tx, since_ms: int, before: int | None = None, limit: int = 50) -> list[Merged]:
    """Merges since a moment, the last first; ``before`` is the last one already shown."""
    rows = tx.rows(f"{_MERGED} WHERE at >= ? AND id < ? ORDER BY id DESC LIMIT ?", (since_ms, before or 2**62, limit))
    return [Merged(*row) for row in rows]


def merges_about(tx: Tx, contact_id: int, limit: int = 100) -> list[Merged]:
    """The merges a contact won or lost, the last first."""
    rows = tx.rows(f"{_MERGED} WHERE winner = ? OR loser = ? ORDER BY id DESC LIMIT ?", (contact_id, contact_id, limit))
    return [Merged(*row) for row in rows]


def root(tx: Tx, contact_id: int) -> int | None:
    """Who a contact is by now: followed through all its merges; None when there never was one of this number."""
    return tx.value(
        "WITH RECURSIVE chain(id, up) AS (SELECT id, merged_into FROM contacts WHERE id = ?"
        " UNION ALL SELECT c.id, c.merged_into FROM contacts c JOIN chain ON c.id = chain.up)"
        " SELECT id FROM chain WHERE up IS NULL",
        (contact_id,),
    )


def parts(tx: Tx, contact_id: int, most: int = 1_000) -> list[int]:
    """Everybody who became this contact, merged once or through others, itself first."""
    rows = tx.rows(
        "WITH RECURSIVE tree(id) AS (SELECT CAST(? AS bigint) UNION"
        " SELECT m.loser FROM merges m JOIN tree ON m.winner = tree.id WHERE m.undone_at IS NULL)"
        " SELECT id FROM tree LIMIT ?",
        (contact_id, most),
    )
    return [key for (key,) in rows]


def family(tx: Tx, contact_id: int, most: int = 1_000) -> list[int]:
    """Everybody who is or was part of this contact, also those who were parted from it again; without itself."""
    rows = tx.rows(
        "WITH RECURSIVE tree(id) AS (SELECT CAST(? AS bigint) UNION"
        " SELECT m.loser FROM merges m JOIN tree ON m.winner = tree.id) SELECT id FROM tree LIMIT ?",
        (contact_id, most),
    )
    return [key for (key,) in rows if key != contact_id]


def forget_old(tx: Tx, until_ms: int, limit: int = 500) -> int:
    """Forget what contacts were before merges that can no longer be undone; returns how many."""
    return tx.run(
        "UPDATE merges SET before = '{}' WHERE id IN"
        " (SELECT id FROM merges WHERE at < ? AND CAST(before AS text) <> '{}' ORDER BY at LIMIT ?)",
        (until_ms, limit),
    ).rowcount


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """Forget what these contacts were before their merges: they are being erased."""
    among, ids = tx.among(contacts)
    tx.run(f"UPDATE merges SET before = '{{}}' WHERE winner {among} OR loser {among}", (ids, ids))


def write(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep merges: ``(loser, winner, reason, actor, at, before text)``."""
    tx.insert("merges", "loser,winner,reason,actor,at,before", rows)


def undone(tx: Tx, merge_id: int, actor: str, now_ms: int) -> None:
    """Note that a merge was taken back; what was before is no longer needed."""
    tx.run("UPDATE merges SET undone_at = ?, undone_by = ?, before = '{}' WHERE id = ?", (now_ms, actor, merge_id))
