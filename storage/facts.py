"""What a batch of contacts did and was sent: one query for each need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .database import Row, Tx
from .features import FIGURES

LATEST = 2**62  # after everything that happens
RECENCY = {  # days that grow by themselves, from the moment that stands still
    "recency_days": "f.last_order_at",
    "inactive_days": "coalesce(f.last_seen_at, c.created_at)",
}


def event_counts(tx: Tx, contacts: Sequence[int], name: str, since_ms: int, until_ms: int = LATEST) -> dict[int, int]:
    """How often each contact did ``name`` from one moment until before another; who did not is left out."""
    among, wanted = tx.among(contacts)
    return dict(
        tx.rows(
            f"SELECT contact_id, count(*) FROM events WHERE contact_id {among}"
            " AND name = ? AND at >= ? AND at < ? GROUP BY 1",
            (wanted, name, since_ms, until_ms),
        )
    )  # type: ignore[arg-type]


def events_of(tx: Tx, contacts: Sequence[int], name: str, since_ms: int, until_ms: int = LATEST) -> list[Row]:
    """``(contact, id, at, received_at, properties)`` of each such event from one moment until before another."""
    among, wanted = tx.among(contacts)
    return tx.rows(
        "SELECT contact_id, id, at, received_at, properties FROM events"
        f" WHERE contact_id {among} AND name = ? AND at >= ? AND at < ?",
        (wanted, name, since_ms, until_ms),
    )


def events_by_id(tx: Tx, ids: Sequence[int]) -> list[Row]:
    """``(id, name, at, properties)`` of these events."""
    among, wanted = tx.among(ids)
    return tx.rows(f"SELECT id, name, at, properties FROM events WHERE id {among}", (wanted,))


_WHAT = {"sent": "sent_at", "opened": "opened_at", "clicked": "clicked_at"}


def message_facts(
    tx: Tx,
    what: str,
    ids: Sequence[int],
    *,
    node: int | None,
    channel: str | None,
    since_ms: int,
    until_ms: int = LATEST,
) -> dict[int, int]:
    """How many messages were sent, opened or clicked: by enrollment when ``node`` is given, else by contact."""
    key = "contact_id" if node is None else "enrollment_id"
    among, wanted = tx.among(ids)
    sql = (
        f"SELECT {key}, count(*) FROM messages WHERE {key} {among} AND {_WHAT[what]} IS NOT NULL"
        " AND queued_at >= ? AND queued_at < ?"
    )
    params: list[Any] = [wanted, since_ms, until_ms]
    if node is not None:
        sql, params = sql + " AND node = ?", [*params, node]
    if channel is not None:
        sql, params = sql + " AND channel = ?", [*params, channel]
    return dict(tx.rows(sql + " GROUP BY 1", params))  # type: ignore[arg-type]


def tries(tx: Tx, enrollments: Sequence[int], node: int) -> list[Row]:
    """``(enrollment, turn, queued_at, sent_at, opened)`` of every message one step queued for these stays."""
    among, wanted = tx.among(enrollments)
    return tx.rows(
        "SELECT enrollment_id, turn, queued_at, sent_at, opened_at IS NOT NULL FROM messages"
        f" WHERE enrollment_id {among} AND node = ? ORDER BY enrollment_id, seq",
        (wanted, node),
    )


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


def journey_counts(
    tx: Tx, contacts: Sequence[int], journey: str, was: str, since_ms: int, until_ms: int = LATEST
) -> dict[int, int]:
    """How often each contact came into a journey (by its name), is inside, left it, or reached its goal."""
    among, wanted = tx.among(contacts)
    return dict(
        tx.rows(
            f"SELECT e.contact_id, count(*) FROM enrollments e WHERE e.contact_id {among}"
            f" AND e.journey_id = (SELECT j.id FROM journeys j WHERE j.name = ?) AND {STAYS[was]} GROUP BY 1",
            (wanted, journey, *(() if was == "inside" else (since_ms, until_ms))),
        )
    )  # type: ignore[arg-type]


STAYS = {
    "entered": "e.entered_at >= ? AND e.entered_at < ?",
    "inside": "e.ended_at IS NULL",
    "left": "e.ended_at >= ? AND e.ended_at < ?",
    "converted": "EXISTS (SELECT 1 FROM conversions v WHERE v.enrollment_id = e.id AND v.at >= ? AND v.at < ?)",
}


def features(tx: Tx, contacts: Sequence[int], feature: str, now_ms: int) -> dict[int, Any]:
    """The feature of each contact that has one; nothing for a feature there is not."""
    among, wanted = tx.among(contacts)
    rows = tx.rows(
        f"SELECT c.id, {feature_sql(feature)} FROM contacts c LEFT JOIN features f ON f.contact_id = c.id"
        f" WHERE c.id {among}",
        (wanted,),
    )
    if feature in RECENCY:
        return {contact: (now_ms - at) / 86_400_000 for contact, at in rows if at is not None}
    return {contact: value for contact, value in rows if value is not None}


def feature_sql(feature: str) -> str:
    """The column of a feature, or the moment that a number of days is counted from; NULL for one there is not."""
    return RECENCY.get(feature) or (f"f.{feature}" if feature in FIGURES else "NULL")


def members(tx: Tx, contacts: Sequence[int], segment: str) -> set[int]:
    """Which of these contacts are in a segment, by its name."""
    among, wanted = tx.among(contacts)
    return {
        contact
        for (contact,) in tx.rows(
            f"SELECT m.contact_id FROM segment_members m WHERE m.contact_id {among}"
            " AND m.segment_id = (SELECT s.id FROM segments s WHERE s.name = ?)",
            (wanted, segment),
        )
    }


def consent_states(tx: Tx, contacts: Sequence[int], channel: str, topic: str) -> dict[int, str]:
    """What each contact said last about a topic on a channel; who never said anything is left out."""
    among, wanted = tx.among(contacts)
    return dict(
        tx.rows(
            "SELECT contact_id, action FROM consents WHERE id IN (SELECT max(id) FROM consents"
            f" WHERE contact_id {among} AND channel = ? AND topic = ? GROUP BY contact_id)",
            (wanted, channel, topic),
        )
    )  # type: ignore[arg-type]
