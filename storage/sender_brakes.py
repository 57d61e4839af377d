"""Marketing that stands still because a provider's mailboxes bounce, block or complain; and what was put off so far."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text
from sqlmodel import Field, col, select

from .columns import Key
from .database import Row, Tx
from .messages import note
from .naming import Table

BRAKED, RELEASED = "braked", "released"


class SenderBrake(Table, table=True):
    """One stop: of letters by an account ("": by any) to a provider's mailboxes ("": to all). Milliseconds."""

    __tablename__ = "sender_brakes"
    __table_args__ = (
        Index(
            "ix_sender_brakes_open",
            "status",
            sqlite_where=text("status = 'braked'"),
            postgresql_where=text("status = 'braked'"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    account: str = Field(default="", sa_type=Text)
    provider: str = Field(default="", sa_type=Text)
    status: str = Field(default=BRAKED, sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    a_day: int = Field(default=0, sa_type=Integer)  # letters on a usual day before it
    at: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)  # released by itself then
    released_at: int | None = Field(default=None, sa_type=BigInteger)
    released_by: str | None = Field(default=None, sa_type=Text)


def standing(tx: Tx) -> list[SenderBrake]:
    """What stands still now, the oldest first."""
    return list(tx.session.exec(select(SenderBrake).where(SenderBrake.status == BRAKED).order_by(col(SenderBrake.id))))


def latest(tx: Tx, limit: int = 20) -> list[SenderBrake]:
    """The last ones, the newest first."""
    return list(tx.session.exec(select(SenderBrake).order_by(col(SenderBrake.id).desc()).limit(limit)))


def brake(tx: Tx, brake_id: int) -> SenderBrake | None:
    """One of them."""
    return tx.session.get(SenderBrake, brake_id)


def save(tx: Tx, brake: SenderBrake) -> SenderBrake:
    """Write one."""
    tx.session.add(brake)
    tx.session.flush()
    return brake


def in_force(tx: Tx) -> list[Row]:
    """``(id, account, provider, until, why)`` of what stands still: for the gate."""
    return tx.rows("SELECT id, account, provider, until, why FROM sender_brakes WHERE status = 'braked' ORDER BY id")


# ── what waits ────────────────────────────────────────────────────────────────────────────────────────


def due(tx: Tx, rank: int, now_ms: int, since_ms: int, queued_after_ms: int, limit: int) -> list[Row]:
    """``(message, engagement, reason, queued at)`` of letters of a class that may wait longer, among the first
    ``limit`` that are due since then; nobody else takes them while the transaction lasts.

    No more than those are looked through: a campaign that has waited for too long may be all there is.
    """
    lock = " FOR UPDATE OF m SKIP LOCKED" if tx.postgres else ""
    rows = tx.rows(
        "SELECT m.id, COALESCE(f.engagement, 0), m.reason, m.queued_at FROM messages m"
        " LEFT JOIN features f ON f.contact_id = m.contact_id"
        " WHERE m.status = 'queued' AND m.rank = ? AND m.channel = 'email' AND m.due_at BETWEEN ? AND ?"
        " AND m.journey_id NOT IN (SELECT id FROM journeys WHERE status = 'paused')"
        f" ORDER BY m.due_at LIMIT ?{lock}",
        (rank, since_ms, now_ms, limit),
    )
    return [row for row in rows if row[3] >= queued_after_ms]


def put_off(
    tx: Tx, rows: Sequence[Row], dues: Sequence[int], reason: str, inputs: dict[str, object], now_ms: int
) -> None:
    """Put off what `due` found, all of it at once; what was put off for this reason before has its decision."""
    tx.update(
        "messages",
        ("due_at", "reason"),
        [(due_at, reason, row[0]) for row, due_at in zip(rows, dues, strict=True)],
        "bigint,text",
    )
    fresh = [
        (row[0], "defer", reason, {**inputs, "until": due_at})
        for row, due_at in zip(rows, dues, strict=True)
        if row[2] != reason
    ]
    note(tx, fresh, now_ms)


def pull_forward(tx: Tx, reason: str, now_ms: int, until_ms: int, limit: int) -> int:
    """Ask letters put off for this reason again now; returns how many there were, at most ``limit``."""
    found = 0
    for rank in (1, 2, 3):
        found += tx.run(
            "UPDATE messages SET due_at = ? WHERE id IN (SELECT id FROM messages WHERE status = 'queued' AND rank = ?"
            " AND channel = 'email' AND due_at > ? AND due_at <= ? AND reason = ? LIMIT ?)",
            (now_ms, rank, now_ms, until_ms, reason, limit),
        ).rowcount
    return found
