"""The owner's policy, version by version: the newest that is in force is what the gate asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import LAST_KEY, Json, Key, Moment, load
from .database import Tx
from .naming import Table


class PolicyVersion(Table, table=True):
    """What somebody set as the policy. ``status`` is proposed (with four eyes, until somebody else agrees), in_force,
    past, declined, or withdrawn (a later proposal took its place)."""

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


def stamp(tx: Tx) -> str | None:
    """The hash of the policy in force; None as long as there is none. Asked before every batch."""
    return tx.value("SELECT content_hash FROM policies WHERE status = 'in_force' ORDER BY id DESC LIMIT 1")


def content(tx: Tx, content_hash: str) -> dict[str, Any]:
    """What stands under a hash."""
    return load(
        tx.value("SELECT content FROM policies WHERE content_hash = ? ORDER BY id DESC LIMIT 1", (content_hash,))
    )


def hold(tx: Tx) -> None:
    """Let nobody else change the policy until this transaction ends; those who read do not wait."""
    if tx.postgres:
        tx.run("LOCK TABLE policies IN SHARE ROW EXCLUSIVE MODE")


def version(tx: Tx, number: int) -> PolicyVersion | None:
    """One version."""
    return tx.session.get(PolicyVersion, number) if abs(number) <= LAST_KEY else None


def newest(tx: Tx, status: str) -> PolicyVersion | None:
    """The newest version of a status."""
    wanted = select(PolicyVersion).where(col(PolicyVersion.status) == status)
    return tx.session.exec(wanted.order_by(col(PolicyVersion.id).desc()).limit(1)).first()


def versions(tx: Tx, limit: int = 50) -> list[PolicyVersion]:
    """The last versions, the newest first."""
    return list(tx.session.exec(select(PolicyVersion).order_by(col(PolicyVersion.id).desc()).limit(limit)))


def close(tx: Tx, status: str, into: str, by: str | None, at: int | None) -> None:
    """Move what has a status into another; who decided it is written where somebody did."""
    tx.run(
        "UPDATE policies SET status = ?, decided_by = COALESCE(?, decided_by), decided_at = COALESCE(?, decided_at)"
        " WHERE status = ?",
        (into, by, at, status),
    )
