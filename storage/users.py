"""Who may come in: people, API keys, the audit trail, and the instance's own settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .naming import Table


class User(Table, table=True):
    """Somebody who signs in. ``stamp`` changes with the password and ends every older session."""

    __tablename__ = "users"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    email: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    name: str = Field(default="", sa_type=Text)
    role: str = Field(default="owner", sa_type=Text)
    password_hash: str = Field(sa_type=Text)
    stamp: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    signed_in_at: datetime | None = Field(default=None, sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)


class ApiKey(Table, table=True):
    """A key for programs. Only its digest is kept; ``hint`` are its first characters."""

    __tablename__ = "api_keys"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(default="", sa_type=Text)
    kind: str = Field(default="write", sa_type=Text)  # write (events in) or admin
    digest: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    hint: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class AuditEntry(Table, table=True):
    """Who did what to what, and when. Append-only."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_at", "at"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    at: datetime = Field(sa_type=Moment)
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    subject: str = Field(default="", sa_type=Text)
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


class Setting(Table, table=True):
    """A setting the owner changes while the instance runs. Which there are stands in `runtime.settings`."""

    __tablename__ = "settings"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    value: Any = Field(default=None, sa_column=Column(Json))
