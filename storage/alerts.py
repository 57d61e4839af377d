"""What colleagues are told of: at once as long as it is little, in a digest when it is much."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .database import Row, Tx
from .naming import Table


class Alert(Table, table=True):
    """One alert. ``told_at`` is when it went out, or was about to; None: it waits for the next digest."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_line", "line", "told_at"), Index("ix_alerts_contact_id", "contact_id"))

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    line: str = Field(sa_type=Text)  # by which account and to whom: what is counted together
    title: str = Field(sa_type=Text)
    text: str = Field(default="", sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    told_at: int | None = Field(default=None, sa_type=BigInteger)


def put(
    tx: Tx, line: str, most: int, rows: Sequence[tuple[int, int, str, str]], now_ms: int, since_ms: int
) -> set[int]:
    """Write alerts of one line: message, contact, title, text. Answers which of them may be told at once: as many as
    ``most`` allows since then. The others wait for the digest, and so do all while any waits."""
    if tx.postgres:  # so that two workers never count at the same time
        tx.run("SELECT pg_advisory_xact_lock(hashtext(?))", (f"alerts {line}",))
    among, own = tx.among([row[0] for row in rows])  # there already where this very job ran before
    others = f"FROM alerts WHERE line = ? AND NOT (message_id {among})"
    told = tx.value(f"SELECT count(*) {others} AND told_at > ?", (line, own, since_ms))
    left = 0 if tx.one(f"SELECT 1 {others} AND told_at IS NULL LIMIT 1", (line, own)) else most - told
    now = {row[0] for row in rows[: max(left, 0)]}
    tx.many(
        "INSERT INTO alerts (message_id, contact_id, line, title, text, at, told_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (message_id) DO NOTHING",
        [(row[0], row[1], line, *row[2:], now_ms, now_ms if row[0] in now else None) for row in rows],
    )
    return now


def take_back(tx: Tx, message_ids: Sequence[int]) -> None:
    """These were not told after all, and are tried anew."""
    among, ids = tx.among(message_ids)
    tx.run(f"DELETE FROM alerts WHERE message_id {among}", (ids,))


def lines_due(tx: Tx, before_ms: int) -> list[str]:
    """The lines whose oldest waiting alert came before then."""
    return [
        line for (line,) in tx.rows("SELECT DISTINCT line FROM alerts WHERE told_at IS NULL AND at <= ?", (before_ms,))
    ]


def take_waiting(tx: Tx, line: str, now_ms: int) -> list[Row]:
    """``(message, title, text)`` of everything that waits on a line; it counts as told from now on."""
    rows = tx.rows(
        "UPDATE alerts SET told_at = ? WHERE line = ? AND told_at IS NULL RETURNING message_id, title, text",
        (now_ms, line),
    )
    return sorted(rows)


def let_wait(tx: Tx, message_ids: Sequence[int]) -> None:
    """The digest did not get through: they wait for the next one."""
    among, ids = tx.among(message_ids)
    tx.run(f"UPDATE alerts SET told_at = NULL WHERE message_id {among}", (ids,))


def age_out(tx: Tx, before_ms: int) -> int:
    """Forget what was told before then."""
    return tx.run("DELETE FROM alerts WHERE told_at < ?", (before_ms,)).rowcount
