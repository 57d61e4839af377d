"""What a funnel is counted from: the counts of steps and the messages, summed by the store, never row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .columns import load
from .database import Row, Tx

DAY_MS = 86_400_000
COUNTED = ("node_counts", "node_deltas")  # folded, and not folded yet


def drawn(tx: Tx, journey_id: int) -> list[tuple[int, int, dict[str, Any]]]:
    """``(version, number, content)`` of every version of a journey, the oldest first."""
    rows = tx.rows("SELECT id, number, content FROM versions WHERE journey_id = ? ORDER BY number", (journey_id,))
    return [(version, number, load(content)) for version, number, content in rows]


def standing(tx: Tx, version_ids: Sequence[int]) -> list[Row]:
    """``(version, node, n)``: who came in at a step and has not gone on; a step may stand in several rows."""
    among, wanted = tx.among(version_ids)
    return [
        row
        for table in COUNTED
        for row in tx.rows(
            f"SELECT version_id, node, sum(CASE port WHEN 'in' THEN n ELSE -n END) FROM {table}"
            f" WHERE version_id {among} GROUP BY version_id, node",
            (wanted,),
        )
    ]


def days(tx: Tx, version_ids: Sequence[int], from_day: int) -> list[Row]:
    """``(version, node, port, day, n)`` since a day (days since 1970, UTC); a day may stand in several rows."""
    among, wanted = tx.among(version_ids)
    return [
        row
        for table in COUNTED
        for row in tx.rows(
            f"SELECT version_id, node, port, day, sum(n) FROM {table} WHERE version_id {among} AND day >= ?"
            " GROUP BY version_id, node, port, day",
            (wanted, from_day),
        )
    ]


def forms(tx: Tx, version_ids: Sequence[int], from_day: int) -> list[Row]:
    """``(version, node, turn, channel, status, messages, opened, clicked)`` since a day: what each form came to."""
    among, wanted = tx.among(version_ids)
    return tx.rows(
        "SELECT version_id, node, turn, channel, status, count(*), count(opened_at), count(clicked_at) FROM messages"
        f" WHERE version_id {among} AND COALESCE(sent_at, queued_at) >= ? GROUP BY 1, 2, 3, 4, 5",
        (wanted, from_day * DAY_MS),
    )


def messages(tx: Tx, version_ids: Sequence[int], from_day: int) -> list[Row]:
    """``(version, node, day, status, messages, opened, clicked)`` since a day, by the day of sending or of queueing."""
    among, wanted = tx.among(version_ids)
    day = f"COALESCE(sent_at, queued_at) / {DAY_MS}"
    return tx.rows(
        f"SELECT version_id, node, {day}, status, count(*), count(opened_at), count(clicked_at) FROM messages"
        f" WHERE version_id {among} AND COALESCE(sent_at, queued_at) >= ? GROUP BY version_id, node, {day}, status",
        (wanted, from_day * DAY_MS),
    )
