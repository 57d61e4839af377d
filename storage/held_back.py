"""What the gate holds back of a lease, written in bulk: later or never, the decision, the waking of who waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .database import Tx
from .messages import HOUR_MS, note

CHARACTERS = 2_000  # of a reason


class HeldBack(NamedTuple):
    """One message that does not go now. ``due_at`` None: never. ``again``: decided so before, which is on record."""

    message_id: int
    reason: str
    inputs: dict[str, Any]
    due_at: int | None
    outcome: str = "skipped"
    again: bool = False


def write(tx: Tx, worker: str | None, held: Sequence[HeldBack], now_ms: int) -> None:
    """Write them, as far as they are still this worker's. None: nobody's yet, and held still by this transaction."""
    if not held:
        return
    if worker is not None:
        held = _still_ours(tx, worker, held)
    later = [one for one in held if one.due_at is not None]
    never = [one for one in held if one.due_at is None]
    if worker is None:
        tx.update(
            "messages",
            ("due_at", "reason"),
            [(one.due_at, one.reason[:CHARACTERS], one.message_id) for one in later],
            "bigint,text",
        )
    else:
        tx.update(
            "messages",
            ("status", "worker", "due_at", "reason"),
            [("queued", None, one.due_at, one.reason[:CHARACTERS], one.message_id) for one in later],
            "text,text,bigint,text",
        )
    tx.update(
        "messages",
        ("status", "reason"),
        [("skipped", one.reason[:CHARACTERS], one.message_id) for one in never],
        "text,text",
    )
    _end(tx, never, now_ms)
    note(tx, [(one.message_id, "defer", one.reason, one.inputs) for one in later if not one.again], now_ms)
    note(tx, [(one.message_id, "skip", one.reason, one.inputs) for one in never], now_ms)


def _still_ours(tx: Tx, worker: str, held: Sequence[HeldBack]) -> list[HeldBack]:
    among, ids = tx.among([one.message_id for one in held])
    lock = " FOR UPDATE" if tx.postgres else ""
    sql = f"SELECT id FROM messages WHERE id {among} AND worker = ? AND status = 'leased'{lock}"
    ours = {row[0] for row in tx.rows(sql, (ids, worker))}
    return [one for one in held if one.message_id in ours]


def _end(tx: Tx, never: Sequence[HeldBack], now_ms: int) -> None:
    """Wake who waits for these, and give back what was counted against a cap of a journey."""
    if not never:
        return
    among, ids = tx.among([one.message_id for one in never])
    rows = tx.rows(
        "SELECT id, enrollment_id, seq, turn, contact_id, queued_at, channel, journey_id FROM messages"
        f" WHERE id {among}",
        (ids,),
    )
    ours = {row[0]: row for row in rows}
    told, counted = [], []
    for one in [one for one in never if one.message_id in ours]:
        _, enrollment, seq, turn, contact, queued_at, channel, journey = ours[one.message_id]
        told.append((now_ms, f"{one.outcome}:{turn}" if turn else one.outcome, enrollment, seq))
        counted.append((contact, queued_at // HOUR_MS, channel, journey))
    tx.many(
        "UPDATE enrollments SET due_at = ?, outbox = 0, outcome = ?"
        " WHERE id = ? AND seq = ? AND ended_at IS NULL AND outbox = 1",
        told,
    )
    tx.many(
        "UPDATE caps SET n = n - 1 WHERE contact_id = ? AND hour = ? AND channel = ? AND journey_id = ? AND n > 0",
        counted,
    )
