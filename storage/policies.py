"""The owner's policy, version by version: the newest that is in force is what the gate asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .naming import Table


class PolicyVersion(Table, table=True):
    """What somebody set as the policy. ``status`` is proposed (with four eyes, until somebody else agrees), in_force,
    past, or declined."""

    __tablename__ = "policies"
    __table_args__ = (Index("ix_policies_status", "status"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    content_hash: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    author: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    decided_by: str | None = Field(default=None, sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
