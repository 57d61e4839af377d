"""What the gate holds back of a lease, written in bulk: later or never, the decision, the waking of who waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .database import Tx
from .messages import HOUR_MS, note

CHARACTERS = 2_000  # of a reason


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One message that does not go now. ``due_at`` None: never. ``again``: decided so before, which is on record."""

    message_id: int
    reason: str
    inputs: dict[str, Any]
    due_at: int | None
    outcome: str = "skipped"
    again: bool = False


def write(tx: Tx, worker: str, held: Sequence[HeldBack], now_ms: int) -> None:
    """Write them, as far as they are still this worker's."""
    if not held:
        return
    among, ids = tx.among([one.message_id for one in held])
    lock = " FOR UPDATE" if tx.postgres else ""
    rows = tx.rows(
        "SELECT id, enrollment_id, seq, turn, contact_id, queued_at, channel, journey_id FROM messages"
        f" WHERE id {among} AND worker = ? AND status = 'leased'{lock}",
        (ids, worker),
    )
    ours = {row[0]: row for row in rows}
    later = [one for one in held if one.due_at is not None and one.message_id in ours]
    never = [one for one in held if one.due_at is None and one.message_id in ours]
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
    told, counted = [], []
    for one in never:
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
    note(tx, [(one.message_id, "defer", one.reason, one.inputs) for one in later if not one.again], now_ms)
    note(tx, [(one.message_id, "skip", one.reason, one.inputs) for one in never], now_ms)
