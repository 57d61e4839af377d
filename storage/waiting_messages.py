"""Messages that wait for a visit: what stands in somebody's inbox on the site or in the app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Tx
from .naming import Table


class WaitingMessage(Table, table=True):
    """One message until it is closed or over. Moments are milliseconds."""

    __tablename__ = "waiting_messages"
    __table_args__ = (Index("ix_waiting_messages_contact_id", "contact_id", "placed_at"),)

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    placed_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    shown: int = Field(default=0, sa_type=Integer)
    shown_at: int | None = Field(default=None, sa_type=BigInteger)  # the last time
    most: int = Field(default=0, sa_type=Integer)  # shown at most so often; 0: until it is closed
    seen_at: int | None = Field(default=None, sa_type=BigInteger)
    clicked_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits, with what decides whether it is shown now."""

    message_id: int
    content: dict[str, Any]
    placed_at: int
    shown: int
    most: int
    shown_at: int | None
    seen_at: int | None


def place(tx: Tx, rows: Sequence[tuple[int, int, dict[str, Any], int, int | None, int]]) -> None:
    """Put messages down: message, contact, content, placed at, expires at, shown at most. Once, however often tried."""
    tx.many(
        "INSERT INTO waiting_messages (message_id, contact_id, content, placed_at, expires_at, most, shown) "
        "VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (message_id) DO NOTHING",
        [(message, contact, dump(content), *rest) for message, contact, content, *rest in rows],
    )


def of(tx: Tx, contact_id: int, now_ms: int, limit: int = 50) -> list[Waiting]:
    """What waits for somebody: the most important first, then the newest."""
    rows = tx.rows(
        "SELECT w.message_id, w.content, w.placed_at, w.shown, w.most, w.shown_at, w.seen_at "
        "FROM waiting_messages w JOIN messages m ON m.id = w.message_id "
        "WHERE w.contact_id = ? AND w.closed_at IS NULL AND (w.expires_at IS NULL OR w.expires_at > ?) "
        "ORDER BY m.rank, m.weight DESC, w.placed_at DESC, w.message_id DESC LIMIT ?",
        (contact_id, now_ms, limit),
    )
    return [Waiting(message, load(content), *rest) for message, content, *rest in rows]


def note(tx: Tx, message_id: int, contact_id: int, what: str, now_ms: int) -> bool | None:
    """Write down that it was ``seen``, ``clicked`` or ``closed``: whether for the first time. None: not theirs."""
    column = {"seen": "seen_at", "clicked": "clicked_at", "closed": "closed_at"}[what]
    lock = " FOR UPDATE" if tx.postgres else ""
    row = tx.one(
        f"SELECT {column} FROM waiting_messages WHERE message_id = ? AND contact_id = ?{lock}", (message_id, contact_id)
    )
    if row is None:
        return None
    if what == "seen":
        tx.run("UPDATE waiting_messages SET shown = shown + 1, shown_at = ? WHERE message_id = ?", (now_ms, message_id))
    tx.run(f"UPDATE waiting_messages SET {column} = ? WHERE message_id = ? AND {column} IS NULL", (now_ms, message_id))
    return row[0] is None


def age_out(tx: Tx, before_ms: int) -> int:
    """Forget what was closed or over before then; what became of it stays with the message."""
    return tx.run("DELETE FROM waiting_messages WHERE closed_at < ? OR expires_at < ?", (before_ms, before_ms)).rowcount
