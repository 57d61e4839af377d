"""Addresses nothing may be sent to, why, and until when (the table stands in `contacts`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .database import Tx
from .sql import holding

ERASED = "erased at the person's wish"  # keeps marketing away; what they are owed since they came back may go


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One address that is left alone. ``channel`` "" is every channel; ``expires_at`` None is for good."""

    id: int
    address: str
    channel: str
    reason: str
    created_at: int
    expires_at: int | None


def suppress(tx: Tx, address: str, channel: str, reason: str, now_ms: int, *, expires_at: int | None = None) -> None:
    """Send nothing to this address on this channel ("" is every channel). The first reason stays while it holds."""
    tx.run(
        "INSERT INTO suppressions (address, channel, reason, created_at, expires_at) VALUES (lower(?), ?, ?, ?, ?) "
        "ON CONFLICT (address, channel) DO UPDATE SET reason = excluded.reason, created_at = excluded.created_at, "
        "expires_at = excluded.expires_at WHERE suppressions.expires_at <= excluded.created_at",
        (address, channel, reason, now_ms, expires_at),
    )


def suppress_many(tx: Tx, rows: Sequence[tuple[str, str, str, int | None]], now_ms: int) -> int:
    """Suppress ``(address, channel, reason, expires at or None)``; returns how many were not suppressed before."""
    before = _count(tx)
    for address, channel, reason, expires_at in rows:
        suppress(tx, address, channel, reason, now_ms, expires_at=expires_at)
    return _count(tx) - before


def listed(tx: Tx, words: str = "", before: int | None = None, limit: int = 50) -> list[Suppressed]:
    """A page of the list, the newest first; ``words`` have to stand in the address or the reason."""
    like = holding(words.lower())
    sql = (
        "SELECT id, address, channel, reason, created_at, expires_at FROM suppressions WHERE id < ?"
        " AND (address LIKE ? ESCAPE '\\' OR lower(reason) LIKE ? ESCAPE '\\') ORDER BY id DESC LIMIT ?"
    )
    return [Suppressed(*row) for row in tx.rows(sql, (2**62 if before is None else before, like, like, limit))]


def count(tx: Tx, now_ms: int) -> int:
    """How many addresses are left alone now."""
    return tx.value("SELECT count(*) FROM suppressions WHERE expires_at IS NULL OR expires_at > ?", (now_ms,))


def reason(tx: Tx, address: str, channel: str, now_ms: int) -> str | None:
    """Why nothing may be sent to this address on this channel; None when something may."""
    return tx.value(
        "SELECT reason FROM suppressions WHERE address = lower(?) AND channel IN ('', ?) "
        "AND (expires_at IS NULL OR expires_at > ?) ORDER BY id LIMIT 1",
        (address, channel, now_ms),
    )


def release(tx: Tx, suppression_id: int) -> Suppressed | None:
    """Take one off the list; returns what it was."""
    row = tx.one(
        "DELETE FROM suppressions WHERE id = ? RETURNING id, address, channel, reason, created_at, expires_at",
        (suppression_id,),
    )
    return None if row is None else Suppressed(*row)


def lift(tx: Tx, address: str, channel: str, reason: str) -> None:
    """Take an address off the list where it stands there for this reason."""
    tx.run(
        "DELETE FROM suppressions WHERE address = lower(?) AND channel = ? AND reason = ?", (address, channel, reason)
    )


def welcome_back(tx: Tx, address: str) -> None:
    """They came back by their own hand, so that they were erased no longer keeps anything from them."""
    tx.run("DELETE FROM suppressions WHERE address = lower(?) AND reason = ?", (address, ERASED))


def _count(tx: Tx) -> int:
    return tx.value("SELECT count(*) FROM suppressions")
