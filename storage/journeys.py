"""Journeys, their drafts and their frozen versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment, load
from .database import Tx
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
    legal_basis: str | None = Field(default=None, sa_type=Text)  # what its messages were sent on when it was published
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


def states(tx: Tx) -> list[tuple[int, str, int | None]]:
    """``(journey, status, live version)`` of every journey."""
    return tx.rows("SELECT id, status, live_version FROM journeys ORDER BY id")  # type: ignore[return-value]


def statuses(tx: Tx) -> list[tuple[str, str]]:
    """``(name, status)`` of every journey."""
    return tx.rows("SELECT name, status FROM journeys ORDER BY name")  # type: ignore[return-value]


def ids(tx: Tx, names: Sequence[str]) -> dict[str, int]:
    """The ids of the journeys with these names."""
    among, wanted = tx.among(list(names))
    return dict(tx.rows(f"SELECT name, id FROM journeys WHERE name {among}", (wanted,)))  # type: ignore[arg-type]


def frozen(tx: Tx, version_id: int) -> tuple[int, dict[str, Any], str | None] | None:
    """``(journey, content, approved hash)`` of a version."""
    row = tx.one("SELECT journey_id, content, approved_hash FROM versions WHERE id = ?", (version_id,))
    return None if row is None else (row[0], load(row[1]), row[2])


def journeys(tx: Tx) -> list[Journey]:
    """Every journey, by name."""
    return list(tx.session.exec(select(Journey).order_by(col(Journey.name))).all())


def journey_named(tx: Tx, name: str) -> Journey | None:
    """The journey with this short name."""
    return tx.session.exec(select(Journey).where(col(Journey.name) == name)).first()


def hold(tx: Tx, journey_id: int) -> Journey | None:
    """The journey, which nobody else can change until the transaction ends."""
    if tx.postgres:
        tx.run("SELECT id FROM journeys WHERE id = ? FOR UPDATE", (journey_id,))
    journey = tx.session.get(Journey, journey_id)
    if tx.postgres and journey is not None:
        tx.session.refresh(journey)  # it may have been read before it was held
    return journey


def version(tx: Tx, version_id: int) -> Version | None:
    """One version."""
    return tx.session.get(Version, version_id)


def versions(tx: Tx, journey_id: int) -> list[Version]:
    """Every version of a journey, the newest first."""
    newest_first = select(Version).where(col(Version.journey_id) == journey_id).order_by(col(Version.number).desc())
    return list(tx.session.exec(newest_first).all())
