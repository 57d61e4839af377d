"""What a batch of contacts did and was sent: one query for each need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .database import Row, Tx


def event_counts(tx: Tx, contacts: Sequence[int], name: str, since_ms: int) -> dict[int, int]:
    """How often each contact did ``name`` since a moment; who did not is left out."""
    among, wanted = tx.among(contacts)
    return dict(
        tx.rows(
            f"SELECT contact_id, count(*) FROM events WHERE contact_id {among} AND name = ? AND at >= ? GROUP BY 1",
            (wanted, name, since_ms),
        )
    )  # type: ignore[arg-type]


def events_of(tx: Tx, contacts: Sequence[int], name: str, since_ms: int) -> list[Row]:
    """``(contact, id, at, received_at, properties)`` of each such event since a moment."""
    among, wanted = tx.among(contacts)
    return tx.rows(
        "SELECT contact_id, id, at, received_at, properties FROM events"
        f" WHERE contact_id {among} AND name = ? AND at >= ?",
        (wanted, name, since_ms),
    )


def events_by_id(tx: Tx, ids: Sequence[int]) -> list[Row]:
    """``(id, name, at, properties)`` of these events."""
    among, wanted = tx.among(ids)
    return tx.rows(f"SELECT id, name, at, properties FROM events WHERE id {among}", (wanted,))


_WHAT = {"sent": "sent_at", "opened": "opened_at", "clicked": "clicked_at"}


def message_facts(
    tx: Tx, what: str, ids: Sequence[int], *, node: int | None, channel: str | None, since_ms: int
) -> dict[int, int]:
    """How many messages were sent, opened or clicked: by enrollment when ``node`` is given, else by contact."""
    key = "contact_id" if node is None else "enrollment_id"
    among, wanted = tx.among(ids)
    sql = f"SELECT {key}, count(*) FROM messages WHERE {key} {among} AND {_WHAT[what]} IS NOT NULL AND queued_at >= ?"
    params: list[Any] = [wanted, since_ms]
    if node is not None:
        sql, params = sql + " AND node = ?", [*params, node]
    if channel is not None:
        sql, params = sql + " AND channel = ?", [*params, channel]
    return dict(tx.rows(sql + " GROUP BY 1", params))  # type: ignore[arg-type]


def cap_counts(
    tx: Tx, contacts: Sequence[int], after_hour: int, *, channel: str | None, journey_id: int | None
) -> dict[int, int]:
    """Messages counted against each contact in the hours after ``after_hour``."""
    among, wanted = tx.among(contacts)
    sql = f"SELECT contact_id, sum(n) FROM caps WHERE contact_id {among} AND hour > ?"
    params: list[Any] = [wanted, after_hour]
    if channel is not None:
        sql, params = sql + " AND channel = ?", [*params, channel]
    if journey_id is not None:
        sql, params = sql + " AND journey_id = ?", [*params, journey_id]
    return {contact: int(n) for contact, n in tx.rows(sql + " GROUP BY 1", params)}
