"""The ledger of touches: one row for each message that went, or is going, to somebody. Caps are counted on it alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from .columns import Key
from .database import Row, Tx
from .naming import Table

COLUMNS = "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node,arrived_at"


class Touch(Table, table=True):
    """Written when a message is marked as being sent, taken back when the other side refused it.

    ``rank`` is the priority class (0 transactional … 3 promo). ``enrollment_id``, ``node`` and ``arrived_at``
    (when they came to that step) say which chain of fallbacks it belongs to. Moments are milliseconds.
    """

    __tablename__ = "touches"
    __table_args__ = (Index("ix_touches_contact_id", "contact_id", "at"), Index("ix_touches_at", "at"))

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)
    channel: str = Field(sa_type=Text)
    topic: str = Field(sa_type=Text)
    rank: int = Field(sa_type=Integer)
    journey_id: int = Field(sa_type=Key)
    enrollment_id: int = Field(sa_type=Key)
    node: int = Field(sa_type=Integer)
    arrived_at: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class Had(NamedTuple):
    """One message somebody had, as caps count it. A tuple: there are several for each decision."""

    at: int
    channel: str
    topic: str
    rank: int
    enrollment_id: int
    node: int
    arrived_at: int
    message_id: int


def of(tx: Tx, contacts: Sequence[int], after_ms: int) -> dict[int, list[Had]]:
    """What these contacts had after a moment, the oldest first, in one query."""
    if not contacts:
        return {}
    sql = (
        "SELECT t.contact_id, t.at, t.channel, t.topic, t.rank, t.enrollment_id, t.node, t.arrived_at, t.message_id"
        " FROM "
        + ("unnest(?::bigint[]) k(value)" if tx.postgres else "json_each(?) k")
        + " JOIN touches t ON t.contact_id = k.value AND t.at > ?"
    )
    _, wanted = tx.among(contacts)
    found: dict[int, list[Had]] = defaultdict(list)
    make = tuple.__new__  # what `_make` does, without asking for the length: there are several for each decision
    for row in tx.rows(sql, (wanted, after_ms)):
        found[row[0]].append(make(Had, row[1:]))
    for had in found.values():
        if len(had) > 1:
            had.sort()
    return dict(found)


def write(tx: Tx, rows: Sequence[Row]) -> None:
    """Write touches (COLUMNS). Those of a mark that is made again after its commit was lost are replaced."""
    take_back(tx, [row[0] for row in rows])
    tx.insert("touches", COLUMNS, rows)


def take_back(tx: Tx, messages: Sequence[int]) -> None:
    """These did not go after all."""
    if messages:
        among, ids = tx.among(messages)
        tx.run(f"DELETE FROM touches WHERE message_id {among}", (ids,))


def forget(tx: Tx, before_ms: int, limit: int = 10_000) -> int:
    """Take away what is older than anybody counts; returns how many rows that were, at most ``limit``."""
    return tx.run(
        "DELETE FROM touches WHERE message_id IN (SELECT message_id FROM touches WHERE at < ? ORDER BY at LIMIT ?)",
        (before_ms, limit),
    ).rowcount
