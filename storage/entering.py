"""Statements that bring people into journeys, and that wake or stop those who are inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .database import Row, Tx
from .walking import GONE

ENTERED = "journey_id,version_id,contact_id,node,seq,due_at,outbox,interrupt,entered_at,since_at,event_id"


def lock_contacts(tx: Tx, contacts: Sequence[int]) -> list[int]:
    """Keep the engine and other requests away from these contacts until the transaction ends. SQLite has one writer.

    Returns them in order, without those who were merged or erased, even while we waited for the lock.
    """
    among, wanted = tx.among(sorted(set(contacts)))
    lock = " FOR UPDATE" if tx.postgres else ""
    rows = tx.rows(
        f"SELECT id FROM contacts WHERE id {among} AND merged_into IS NULL AND erased_at IS NULL ORDER BY id{lock}",
        (wanted,),
    )
    return [contact for (contact,) in rows]


def inside(tx: Tx, contacts: Sequence[int]) -> list[Row]:
    """``(id, journey, version, contact, node, wait_event, interrupt)`` of every live enrollment of these contacts."""
    among, wanted = tx.among(contacts)
    return tx.rows(
        "SELECT id, journey_id, version_id, contact_id, node, wait_event, interrupt FROM enrollments"
        f" WHERE ended_at IS NULL AND contact_id {among}",
        (wanted,),
    )


def last_entries(tx: Tx, journey_id: int, contacts: Sequence[int]) -> dict[int, int]:
    """When each contact last came into a journey, in milliseconds; who never did is left out."""
    among, wanted = tx.among(contacts)
    return dict(
        tx.rows(
            "SELECT contact_id, max(entered_at) FROM enrollments"
            f" WHERE journey_id = ? AND contact_id {among} GROUP BY contact_id",
            (journey_id, wanted),
        )
    )  # type: ignore[arg-type]


def enter(tx: Tx, rows: Sequence[Row]) -> None:
    """Write new enrollments (ENTERED columns)."""
    tx.insert("enrollments", ENTERED, rows)


def wake(tx: Tx, rows: Sequence[tuple[int, int, str]]) -> None:
    """``(due_at, enrollment, event)``: those who still wait for that event are due."""
    tx.many("UPDATE enrollments SET due_at = ? WHERE id = ? AND wait_event = ? AND ended_at IS NULL", rows)


def pull(tx: Tx, rows: Sequence[tuple[int, int, int]]) -> None:
    """``(node, due_at, enrollment)``: the next walk starts at that node instead."""
    tx.many("UPDATE enrollments SET interrupt = ?, due_at = ? WHERE id = ? AND ended_at IS NULL", rows)


def send_away(tx: Tx, contacts: Sequence[int], now_ms: int) -> None:
    """End every stay of these contacts with the next walk: they were erased, or merged into somebody else."""
    among, wanted = tx.among(contacts)
    tx.run(
        f"UPDATE enrollments SET interrupt = {GONE}, due_at = ? WHERE ended_at IS NULL AND contact_id {among}",
        (now_ms, wanted),
    )


def profiles(tx: Tx, contacts: Sequence[int]) -> list[Row]:
    """``(id, properties, email, phone, external_id, created_at)`` of these contacts."""
    among, wanted = tx.among(contacts)
    return tx.rows(
        f"SELECT id, properties, email, phone, external_id, created_at FROM contacts WHERE id {among}", (wanted,)
    )


def reachable_after(tx: Tx, after_id: int, limit: int) -> list[Row]:
    """A page of contacts in order of their ids: like `profiles`, without the merged and the erased."""
    return tx.rows(
        "SELECT id, properties, email, phone, external_id, created_at FROM contacts"
        " WHERE id > ? AND erased_at IS NULL AND merged_into IS NULL ORDER BY id LIMIT ?",
        (after_id, limit),
    )


def doers_after(tx: Tx, event: str, since_ms: int, after_id: int, limit: int) -> list[Row]:
    """A page of ``(contact, event id, properties)`` in order of contacts: who did ``event`` since a moment."""
    last = tx.value(
        "SELECT max(contact_id) FROM (SELECT DISTINCT contact_id FROM events"
        " WHERE name = ? AND at >= ? AND contact_id > ? ORDER BY contact_id LIMIT ?) AS page",
        (event, since_ms, after_id, limit),
    )
    if last is None:
        return []
    return tx.rows(
        "SELECT contact_id, id, properties FROM events"
        " WHERE name = ? AND at >= ? AND contact_id > ? AND contact_id <= ? ORDER BY contact_id, at, id",
        (event, since_ms, after_id, last),
    )


def save_cursor(tx: Tx, version_id: int, node: str, next_at: Any, sweep_at: Any, sweep_after: int) -> None:
    """Remember how far a trigger has been looked after (moments in milliseconds)."""
    tx.run(
        "INSERT INTO trigger_cursors (version_id, node, next_at, sweep_at, sweep_after) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (version_id, node) DO UPDATE SET next_at = excluded.next_at,"
        " sweep_at = excluded.sweep_at, sweep_after = excluded.sweep_after",
        (version_id, node, next_at, sweep_at, sweep_after),
    )


def hold_cursors(tx: Tx, version_id: int) -> None:
    """Keep other workers away from the triggers of a version until the transaction ends. SQLite has one writer."""
    if tx.postgres:
        tx.run("SELECT pg_advisory_xact_lock(7341, ?::integer)", (version_id,))


def cursor(tx: Tx, version_id: int, node: str) -> tuple[int | None, int | None, int] | None:
    """``(next_at, sweep_at, sweep_after)`` of a trigger, in milliseconds."""
    row = tx.one(
        "SELECT next_at, sweep_at, sweep_after FROM trigger_cursors WHERE version_id = ? AND node = ?",
        (version_id, node),
    )
    return None if row is None else (row[0], row[1], row[2])
