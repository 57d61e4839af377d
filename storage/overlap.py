"""Who is in several journeys: the rows and counts the overlap report is made of, of a sample where there are many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from .database import Row, Tx
from .features import FIGURES

MOST = 150_000  # stays looked at one by one; where there are more, every second, third … contact is

SHARED = """
WITH reached AS (
  SELECT DISTINCT contact_id, journey_id FROM enrollments
  WHERE (ended_at IS NULL OR entered_at >= ?) AND journey_id {among} AND contact_id % ? = 0
)
SELECT a.journey_id, b.journey_id, count(*) FROM reached a
JOIN reached b ON b.contact_id = a.contact_id AND b.journey_id >= a.journey_id
GROUP BY a.journey_id, b.journey_id
"""


def every(tx: Tx) -> int:
    """Every how many-th contact is enough to look at: 1 is all of them."""
    inside = tx.value("SELECT count(*) FROM enrollments WHERE ended_at IS NULL")
    return max(1, -(-int(inside or 0) // MOST))


def stays(tx: Tx, journeys: Collection[int], nth: int) -> list[Row]:
    """``(contact, journey, version, node)`` of those inside these journeys, in order of contacts."""
    among, ids = tx.among(sorted(journeys))
    return tx.rows(
        "SELECT contact_id, journey_id, version_id, node FROM enrollments"
        f" WHERE ended_at IS NULL AND journey_id {among} AND contact_id % ? = 0 ORDER BY contact_id",
        (ids, nth),
    )


def shared(tx: Tx, journeys: Collection[int], since_ms: int, nth: int) -> dict[tuple[int, int], int]:
    """How many people two journeys reach: inside now, or came in since then. A journey with itself: its people."""
    among, ids = tx.among(sorted(journeys))
    rows = tx.rows(SHARED.replace("{among}", among), (since_ms, ids, nth))
    return {(one, other): int(n) for one, other, n in rows}


def sent(tx: Tx, since_ms: int) -> dict[int, tuple[int, int]]:
    """By journey: how many messages went out since then, and to how many people."""
    rows = tx.rows(
        "SELECT journey_id, count(*), count(DISTINCT contact_id) FROM touches WHERE at >= ? GROUP BY journey_id",
        (since_ms,),
    )
    return {journey: (int(messages), int(people)) for journey, messages, people in rows}


def had(
    tx: Tx, since_ms: int, ranks: Collection[int], channels: Sequence[str], topics: Sequence[str], nth: int
) -> dict[int, int]:
    """How many messages of these ranks, channels and topics each contact had since then; none named: of all."""
    where: list[str] = ["at >= ?", "contact_id % ? = 0"]
    params: list[Any] = [since_ms, nth]
    chosen: tuple[tuple[str, Sequence[Any]], ...] = (("rank", sorted(ranks)), ("channel", channels), ("topic", topics))
    for column, wanted in chosen:
        if wanted:
            among, values = tx.among(wanted)
            where.append(f"{column} {among}")
            params.append(values)
    sql = f"SELECT contact_id, count(*) FROM touches WHERE {' AND '.join(where)} GROUP BY contact_id"
    return dict(tx.rows(sql, params))  # type: ignore[arg-type]


def figure(tx: Tx, name: str, nth: int) -> dict[int, float]:
    """One figure of each contact that has it."""
    if name not in FIGURES:
        return {}
    return dict(
        tx.rows(f"SELECT contact_id, {name} FROM features WHERE {name} IS NOT NULL AND contact_id % ? = 0", (nth,))
    )  # type: ignore[arg-type]
