"""What a worker that died left in the outbox: taken up again, or in doubt where it was being handed over."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Tx
from .messages import OPEN, Result, decide, wake


def open_workers(tx: Tx) -> list[str]:
    """Names of workers that hold messages."""
    return [name for (name,) in tx.rows(f"SELECT DISTINCT worker FROM messages WHERE {OPEN}")]


def recover(tx: Tx, dead: Sequence[str], now_ms: int) -> tuple[int, int]:
    """Queue again what dead workers had leased, and put in doubt what they were sending. Returns both counts."""
    among, names = tx.among(dead)
    again = tx.run(
        f"UPDATE messages SET status = 'queued', worker = NULL WHERE status = 'leased' AND worker {among}", (names,)
    ).rowcount
    reason = (
        "The sender stopped while this was being handed over; whether it arrived is not known. It is not sent again."
    )
    rows = tx.rows(
        "UPDATE messages SET status = 'in_doubt', reason = ?, sent_at = ? "
        f"WHERE status = 'sending' AND worker {among} RETURNING id, enrollment_id, seq, turn, worker",
        (reason, now_ms, names),
    )
    for _, enrollment_id, seq, turn, _ in rows:
        wake(tx, enrollment_id, seq, "sent", now_ms, turn)
    decide(tx, [Result(row[0], "in_doubt", reason, {"worker": row[4]}) for row in rows], now_ms)
    return again, len(rows)
