"""The ledger of touches: one row for each message that went, or is going, to somebody. Caps are counted on it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


Had = tuple[Any, ...]
"""One message somebody had, as the store gives it, for there are several for each decision: when it went, on which
channel, about what, of which class; where chains are asked for, the stay, the step and when they came to it; last whose
it was."""
AT, CHANNEL, TOPIC, RANK = range(4)
KIND, CHAIN = slice(1, 4), slice(4, 7)


def of(tx: Tx, contacts: Sequence[int], after_ms: int, chains: bool = False) -> dict[int, list[Had]]:
    """What these contacts had after a moment, the oldest first, in one query."""
    if not contacts:
        return {}
    sql = (
        "SELECT t.at, t.channel, t.topic, t.rank,"
        + (" t.enrollment_id, t.node, t.arrived_at," if chains else "")
        + " t.contact_id FROM "
        + ("unnest(?::bigint[]) k(value)" if tx.postgres else "json_each(?) k")
        + " JOIN touches t ON t.contact_id = k.value AND t.at > ?"
    )
    _, wanted = tx.among(contacts)
    found: dict[int, list[Had]] = {}
    rows: list[Any] = tx.rows(sql, (wanted, after_ms))
    for row in rows:
        if (contact := row[-1]) in found:
            found[contact].append(row)
        else:
            found[contact] = [row]
    for had in found.values():
        if len(had) > 1:
            had.sort()
    return found


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
