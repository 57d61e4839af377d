"""How often somebody wants to hear from us, and until when not at all: less than a refusal, and kept just as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field

from .columns import Key, load
from .database import Tx
from .naming import Table


class Wish(Table, table=True):
    """What a contact asked for beyond yes and no. Moments are milliseconds; every change is an event as well."""

    __tablename__ = "wishes"

    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    per_week: int | None = Field(default=None)  # so many letters of marketing in seven days; None: no limit
    paused_until: int | None = Field(default=None, sa_type=Key)
    language: str = Field(default="", sa_type=Text)  # of the pages they look at; "" is the instance's
    changed_at: int = Field(sa_type=Key)
    untracked: int = Field(  # 1: what they open and click is nobody's business
        default=0, sa_column=Column(Integer, nullable=False, server_default="0")
    )


def person(tx: Tx, contact_id: int) -> tuple[int, str | None, str | None, dict[str, Any]] | None:
    """``(id, email, phone, properties)`` of a contact as who they are by now; None when they are gone or erased."""
    while True:
        row = tx.one(
            "SELECT id, email, phone, properties, merged_into, erased_at FROM contacts WHERE id = ?", (contact_id,)
        )
        if row is None or row[5] is not None:
            return None
        if row[4] is None:
            return row[0], row[1], row[2], dict(load(row[3]) or {})
        contact_id = row[4]


def of(tx: Tx, contact_id: int) -> Wish:
    """The wishes of a contact; none were spoken where there is no row."""
    row = tx.one(
        "SELECT contact_id, per_week, paused_until, language, changed_at, untracked FROM wishes WHERE contact_id = ?",
        (contact_id,),
    )
    if row is None:
        return Wish(contact_id=contact_id, changed_at=0)
    names = ("contact_id", "per_week", "paused_until", "language", "changed_at", "untracked")
    return Wish(**dict(zip(names, row, strict=True)))


def keep(tx: Tx, wish: Wish, now_ms: int) -> None:
    """Write the wishes of a contact, whom the caller holds."""
    tx.run(
        "INSERT INTO wishes (contact_id, per_week, paused_until, language, changed_at, untracked) "
        "VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (contact_id) DO UPDATE SET per_week = excluded.per_week, paused_until = excluded.paused_until, "
        "language = excluded.language, changed_at = excluded.changed_at, untracked = excluded.untracked",
        (wish.contact_id, wish.per_week, wish.paused_until, wish.language, now_ms, wish.untracked),
    )


def carry(tx: Tx, pairs: Sequence[tuple[int, int]]) -> None:
    """Merging ``(loser, winner)``: the longer pause, the lower limit and the wish not to be watched stay."""
    tx.many(
        "INSERT INTO wishes (contact_id, per_week, paused_until, language, changed_at, untracked) "
        "SELECT ?, per_week, paused_until, language, changed_at, untracked FROM wishes WHERE contact_id = ? "
        "ON CONFLICT (contact_id) DO UPDATE SET "
        "per_week = CASE WHEN wishes.per_week IS NULL OR excluded.per_week < wishes.per_week "
        "THEN excluded.per_week ELSE wishes.per_week END, "
        "paused_until = CASE WHEN wishes.paused_until IS NULL OR excluded.paused_until > wishes.paused_until "
        "THEN excluded.paused_until ELSE wishes.paused_until END, "
        "untracked = CASE WHEN excluded.untracked = 1 THEN 1 ELSE wishes.untracked END",
        [(winner, loser) for loser, winner in pairs],
    )
