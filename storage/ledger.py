"""Reads over the ledger of touches as a whole: how much went lately, and to whom, for looking ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .database import Tx
from .features import FIGURES


class Went(NamedTuple):
    """One message that went to somebody."""

    contact_id: int
    at: int
    channel: str
    topic: str
    rank: int
    enrollment_id: int
    node: int
    arrived_at: int
    message_id: int


def count(tx: Tx, after_ms: int) -> int:
    """How many messages went after a moment."""
    return tx.value("SELECT count(*) FROM touches WHERE at > ?", (after_ms,))


def went(tx: Tx, after_ms: int, every: int = 1) -> list[Went]:
    """What went after a moment to one in ``every`` contacts, contact by contact, the oldest first."""
    rows = tx.rows(
        "SELECT contact_id, at, channel, topic, rank, enrollment_id, node, arrived_at, message_id FROM touches"
        " WHERE at > ? AND contact_id % ? = 0 ORDER BY contact_id, at, message_id",
        (after_ms, every),
    )
    return [Went(*row) for row in rows]


def people(tx: Tx, contacts: Sequence[int], figures: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    """``(properties as text, phone, *figures)`` of contacts: where they live and how many fit them."""
    among, ids = tx.among(contacts)
    columns = "".join(f", f.{name}" for name in figures if name in FIGURES)
    properties = "c.properties::text" if tx.postgres else "c.properties"
    rows = tx.rows(
        f"SELECT c.id, {properties}, c.phone{columns} FROM contacts c LEFT JOIN features f ON f.contact_id = c.id"
        f" WHERE c.id {among}",
        (ids,),
    )
    return {row[0]: tuple(row[1:]) for row in rows}
