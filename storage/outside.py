"""Facts from outside: where they are asked for, and the answers that are kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, dump, load
from .database import Tx
from .naming import Table


class OutsideSource(Table, table=True):
    """An address that answers with JSON. ``fields`` say where in it each fact stands, ``fallback`` what is said when
    nothing comes; ``sealed`` are headers nobody may see. ``trouble`` is why the last question had no answer."""

    __tablename__ = "outside_sources"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    title: str = Field(default="", sa_type=Text)
    url: str = Field(sa_type=Text)
    fields: dict[str, str] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    fallback: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    sealed: str = Field(default="", sa_type=Text)
    keep_minutes: int = Field(default=60, sa_type=Integer)
    timeout_ms: int = Field(default=2_000, sa_type=Integer)
    active: int = Field(default=1, sa_type=SmallInteger)
    trouble: str = Field(default="", sa_type=Text)
    asked_at: int | None = Field(default=None, sa_type=BigInteger)
    answered_at: int | None = Field(default=None, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(default="", sa_type=Text)


class OutsideAnswer(Table, table=True):
    """What an address said, by the digest of the whole address. Moments are milliseconds."""

    __tablename__ = "outside_answers"

    source_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    digest: str = Field(sa_column=Column(Text, primary_key=True))
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    at: int = Field(sa_type=BigInteger)


def sources(tx: Tx) -> list[OutsideSource]:
    """Every source, by name."""
    return list(tx.session.exec(select(OutsideSource).order_by(col(OutsideSource.name))).all())


def named(tx: Tx, name: str) -> OutsideSource | None:
    """The source of that name."""
    return tx.session.exec(select(OutsideSource).where(col(OutsideSource.name) == name)).first()


def keep(tx: Tx, source: OutsideSource) -> int:
    """Write a source; what was answered before is forgotten, since the address or the fields may be others."""
    tx.session.add(source)
    tx.session.flush()
    assert source.id is not None
    tx.run("DELETE FROM outside_answers WHERE source_id = ?", (source.id,))
    return source.id


def remove(tx: Tx, source_id: int) -> None:
    """Take a source away with its answers."""
    tx.session.flush()
    tx.run("DELETE FROM outside_answers WHERE source_id = ?", (source_id,))
    tx.run("DELETE FROM outside_sources WHERE id = ?", (source_id,))


def answers(tx: Tx, source_id: int, digests: Sequence[str]) -> dict[str, tuple[dict[str, Any], int]]:
    """What is kept for these addresses, and since when."""
    among, wanted = tx.among(list(digests))
    rows = tx.rows(
        f"SELECT digest, facts, at FROM outside_answers WHERE source_id = ? AND digest {among}", (source_id, wanted)
    )
    return {digest: (load(facts), at) for digest, facts, at in rows}


def answered(tx: Tx, source_id: int, said: Sequence[tuple[str, dict[str, Any]]], trouble: str, now_ms: int) -> None:
    """Keep what came, and how asking went ("" where all answered)."""
    tx.many(
        "INSERT INTO outside_answers (source_id, digest, facts, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source_id, digest) DO UPDATE SET facts = excluded.facts, at = excluded.at",
        [(source_id, digest, dump(facts), now_ms) for digest, facts in sorted(said)],
    )
    tx.run(
        "UPDATE outside_sources SET trouble = ?, asked_at = ?, answered_at = coalesce(?, answered_at) WHERE id = ?",
        (trouble[:500], now_ms, now_ms if said else None, source_id),
    )


def forget_old(tx: Tx, before_ms: int) -> int:
    """Answers nobody asked for lately go; returns how many."""
    return tx.run("DELETE FROM outside_answers WHERE at < ?", (before_ms,)).rowcount
