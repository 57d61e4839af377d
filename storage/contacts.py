"""Contacts, their identities, imports of them, and what must not be written to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field

from .columns import Json, Key, Moment
from .naming import Table

REACHED = "phone IS NOT NULL"


class Contact(Table, table=True):
    """One person. ``properties`` is what is known of them; the four columns beside it are what we address them by."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_email", "email"),
        Index("ix_contacts_external_id", "external_id"),
        Index("ix_contacts_changed_at", "changed_at", "id"),
        Index("ix_contacts_phone", "phone", sqlite_where=text(REACHED), postgresql_where=text(REACHED)),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    external_id: str | None = Field(default=None, sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    properties: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
    merged_into: int | None = Field(default=None, sa_type=Key)


class Identity(Table, table=True):
    """A name somebody goes by, its value normalised. See docs/identity.md for the kinds.

    ``source`` is where it came from: the name of a key, a file, a form.
    """

    __tablename__ = "identities"
    __table_args__ = (
        Index("ux_identities_kind_value", "kind", "value", unique=True),
        Index("ix_identities_contact_id", "contact_id"),
        Index("ix_identities_value", "value", postgresql_ops={"value": "text_pattern_ops"}),  # how a name begins
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    kind: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    contact_id: int = Field(sa_type=Key)
    created_at: datetime = Field(sa_type=Moment)
    source: str = Field(default="", sa_column_kwargs={"server_default": ""}, sa_type=Text)


class Suppression(Table, table=True):
    """An address nothing may be sent to, and why. ``channel`` None means none at all."""

    __tablename__ = "suppressions"
    __table_args__ = (Index("ux_suppressions_address_channel", "address", "channel", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    address: str = Field(sa_type=Text)
    channel: str = Field(default="", sa_type=Text)  # "" is every channel
    reason: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)


class ImportRun(Table, table=True):
    """One reading of a file of contacts."""

    __tablename__ = "import_runs"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    file_name: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    kind: str = Field(default="contacts", sa_column=Column(Text, nullable=False, server_default="contacts"))
    shape: str | None = Field(default=None, sa_type=Text)  # a digest of the columns' names: files alike share a mapping
    position: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))  # rows behind it
    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    status: str = Field(default="running", sa_type=Text)  # running, done, failed
    actor: str = Field(default="", sa_type=Text)
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class ImportError_(Table, table=True):
    """A line that was left out, and why."""

    __tablename__ = "import_errors"
    __table_args__ = (Index("ix_import_errors_run_id", "run_id"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    run_id: int = Field(sa_type=Key)
    line: int
    reason: str = Field(sa_type=Text)
    raw: str = Field(default="", sa_type=Text)
