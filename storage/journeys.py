"""Journeys, their drafts and their frozen versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .naming import Table


class Journey(Table, table=True):
    """A journey under its short name. ``draft`` is what is being drawn; only ``live_version`` runs."""

    __tablename__ = "journeys"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    title: str = Field(sa_type=Text)
    status: str = Field(default="draft", sa_type=Text)  # draft, live, paused, ended
    draft: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    live_version: int | None = Field(default=None, sa_type=Key)
    priority: int = 0
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)


class Version(Table, table=True):
    """A frozen journey under its content hash. It runs only while the content still has that hash."""

    __tablename__ = "versions"
    __table_args__ = (Index("ux_versions_journey_id_number", "journey_id", "number", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    journey_id: int = Field(sa_type=Key)
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    content_hash: str = Field(sa_type=Text)
    approved_hash: str | None = Field(default=None, sa_type=Text)
    approved_by: str | None = Field(default=None, sa_type=Text)
    approved_at: datetime | None = Field(default=None, sa_type=Moment)
    author: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)


class TriggerCursor(Table, table=True):
    """Up to when a trigger of a version has been looked after, and where a long sweep over contacts stands."""

    __tablename__ = "trigger_cursors"

    version_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    node: str = Field(sa_column=Column(Text, primary_key=True))
    next_at: datetime | None = Field(default=None, sa_type=Moment)
    sweep_at: datetime | None = Field(default=None, sa_type=Moment)  # the occasion now being enrolled, if any
    sweep_after: int = Field(default=0, sa_type=Key)  # the last contact id it has seen
