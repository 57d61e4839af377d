"""Stays in journeys that end from outside, at once: not by a step, but because somebody is needed elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from . import messages
from .database import Tx
from .messages import HOUR_MS, Result

DAY_MS = 24 * HOUR_MS


def end(tx: Tx, enrollments: Sequence[int], reason: str, held: str, now_ms: int) -> list[int]:
    """End these stays; the caller holds their contacts. Returns those that were still going on.

    ``reason`` is a word the funnel groups by. Their queued messages are skipped because of ``held``, a sentence, and
    what was counted against a cap for them is given back.
    """
    if not enrollments:
        return []
    among, ids = tx.among(sorted(enrollments))
    over = tx.rows(
        "UPDATE enrollments SET ended_at = ?, reason = ?, due_at = NULL, wait_event = NULL, outbox = 0"
        f" WHERE id {among} AND ended_at IS NULL RETURNING id, version_id, node",
        (now_ms, reason, ids),
    )
    day = now_ms // DAY_MS
    deltas = [(version, node, f"left:{reason}", day, 1) for _, version, node in over]
    tx.insert("node_deltas", "version_id,node,port,day,n", deltas)
    among, ids = tx.among(sorted(row[0] for row in over))
    skipped = tx.rows(
        f"UPDATE messages SET status = 'skipped', reason = ? WHERE enrollment_id {among} AND status = 'queued'"
        " RETURNING id, contact_id, queued_at, channel, journey_id",
        (held, ids),
    )
    messages.decide(tx, [Result(row[0], "skip", held) for row in skipped], now_ms)
    tx.many(
        "UPDATE caps SET n = n - 1 WHERE contact_id = ? AND hour = ? AND channel = ? AND journey_id = ? AND n > 0",
        [(contact, queued // HOUR_MS, channel, journey) for _, contact, queued, channel, journey in skipped],
    )
    return [row[0] for row in over]
