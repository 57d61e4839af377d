"""What contacts did, and what was refused at the door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .naming import Table


class Event(Table, table=True):
    """Something a contact did, once. ``message_key`` is a digest of the sender's messageId: the same id counts once."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_contact_id_name_at", "contact_id", "name", "at"),
        Index("ux_events_message_key", "message_key", unique=True),
        Index("ix_events_name_at", "name", "at"),
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
    __table_args__ = (Index("ix_rejections_at", "at"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    at: datetime = Field(sa_type=Moment)
    source: str = Field(sa_type=Text)
    message_id: str = Field(default="", sa_type=Text)
    reason: str = Field(sa_type=Text)
    sample: str = Field(default="", sa_type=Text)  # the first 2,000 characters
