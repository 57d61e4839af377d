"""What contacts did, and what was refused at the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .database import Tx
from .naming import Table

FOUND = ("joined_segment", "left_segment", "lifecycle_changed")
OURS = (*FOUND, "message_failed", "message_complained")  # what we found out or were told: no activity of the person
SAME_REFUSAL_MS = 86_400_000  # a client that sends a refused event again within a day does not fill the list


class Event(Table, table=True):
    """Something a contact did, once. ``message_key`` is a digest of the sender's messageId: the same id counts once."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_contact_id_name_at", "contact_id", "name", "at"),
        Index("ux_events_message_key", "message_key", unique=True),
        Index("ix_events_name_at_contact_id", "name", "at", "contact_id"),  # who did it lately, without the rows
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    contact_id: int = Field(sa_type=Key)
    name: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)  # when it happened, by the sender's corrected clock
    received_at: datetime = Field(sa_type=Moment)
    message_key: str | None = Field(default=None, sa_type=Text)
    properties: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


class Rejection(Table, table=True):
    """An event that was refused alone, with the reason and what it looked like."""

    __tablename__ = "rejections"
    __table_args__ = (Index("ix_rejections_at", "at"), Index("ix_rejections_message_id", "message_id"))

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    at: datetime = Field(sa_type=Moment)
    source: str = Field(sa_type=Text)
    message_id: str = Field(default="", sa_type=Text)
    reason: str = Field(sa_type=Text)
    sample: str = Field(default="", sa_type=Text)  # the first 2,000 characters


def known_keys(tx: Tx, keys: Sequence[str]) -> set[str]:
    """Which of these message keys are stored already."""
    if not keys:
        return set()
    among, wanted = tx.among(keys)
    return {key for (key,) in tx.rows(f"SELECT message_key FROM events WHERE message_key {among}", (wanted,))}


def add_events(tx: Tx, rows: Sequence[Sequence[Any]]) -> set[int]:
    """Store ``(id, contact_id, name, at, received_at, message_key, properties text)``; returns the ids stored.

    An id is missing from the answer when somebody else stored the same message key at the same moment.
    """
    if not rows:
        return set()
    if not tx.postgres:  # one writer: `known_keys` was still true
        tx.insert("events", "id,contact_id,name,at,received_at,message_key,properties", rows)
        return {row[0] for row in rows}
    stored = tx.rows(
        "INSERT INTO events (id, contact_id, name, at, received_at, message_key, properties) "
        "SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::jsonb[]) "
        "ON CONFLICT (message_key) DO NOTHING RETURNING id",
        [list(column) for column in zip(*rows, strict=True)],
    )
    return {row[0] for row in stored}


def add_rejections(tx: Tx, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Keep ``(at, source, message_id, reason, sample)``, but not the same refusal of the same message again."""
    if not rows:
        return
    among, wanted = tx.among(sorted({row[2] for row in rows if row[2]}))
    seen = {
        (message_id, reason)
        for message_id, reason in tx.rows(
            f"SELECT message_id, reason FROM rejections WHERE message_id {among} AND at > ?",
            (wanted, rows[0][0] - SAME_REFUSAL_MS),
        )
    }
    tx.insert("rejections", "at,source,message_id,reason,sample", [row for row in rows if (row[2], row[3]) not in seen])
