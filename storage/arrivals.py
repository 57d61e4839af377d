"""How much arrives of each event and how complete it is: small notes at the door, folded into hours and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Row, Tx
from .naming import Table

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


class Arrival(Table, table=True):
    """What one transaction at the door saw of one event in one hour. ``seen`` is ``{property: {type: count}}``."""

    __tablename__ = "arrivals"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_type=Text)
    hour: int = Field(sa_type=BigInteger)  # since 1970
    n: int = 0
    duplicates: int = 0
    violations: int = 0
    seen: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


class Volume(Table, table=True):
    """One event in one hour."""

    __tablename__ = "volumes"
    __table_args__ = (Index("ix_volumes_hour", "hour"),)

    name: str = Field(sa_column=Column(Text, primary_key=True))
    hour: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    n: int = 0
    duplicates: int = 0
    violations: int = 0


class Presence(Table, table=True):
    """How many of one day's events of a name had this property."""

    __tablename__ = "presences"
    __table_args__ = (Index("ix_presences_day", "day"),)

    name: str = Field(sa_column=Column(Text, primary_key=True))
    day: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    property: str = Field(sa_column=Column(Text, primary_key=True))
    n: int = 0


def add(tx: Tx, rows: Sequence[tuple[str, int, int, int, int, str]]) -> None:
    """Note ``(name, hour, n, duplicates, violations, seen text)``."""
    tx.insert("arrivals", "name,hour,n,duplicates,violations,seen", rows)


def noted(tx: Tx, most: int) -> list[Row]:
    """``(id, name, hour, n, duplicates, violations, seen)`` of what is not folded yet."""
    rows = tx.rows("SELECT id, name, hour, n, duplicates, violations, seen FROM arrivals ORDER BY id LIMIT ?", (most,))
    return [(*row[:6], load(row[6])) for row in rows]


def fold(
    tx: Tx,
    ids: Sequence[int],
    volumes: Mapping[tuple[str, int], Sequence[int]],
    presences: Mapping[tuple[str, int, str], int],
) -> None:
    """Put notes into the hours and days they belong to, and let go of the notes."""
    tx.many(
        "INSERT INTO volumes (name, hour, n, duplicates, violations) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, hour)"
        " DO UPDATE SET n = volumes.n + excluded.n, duplicates = volumes.duplicates + excluded.duplicates,"
        " violations = volumes.violations + excluded.violations",
        [(*key, *counts) for key, counts in sorted(volumes.items())],
    )
    tx.many(
        "INSERT INTO presences (name, day, property, n) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name, day, property) DO UPDATE SET n = presences.n + excluded.n",
        [(*key, n) for key, n in sorted(presences.items())],
    )
    among, wanted = tx.among(ids)
    tx.run(f"DELETE FROM arrivals WHERE id {among}", (wanted,))


def hours(tx: Tx, since_hour: int, name: str | None = None) -> list[Row]:
    """``(name, hour, n, duplicates, violations)`` since an hour, of one event or of all."""
    wanted, values = (" AND name = ?", [name]) if name else ("", [])
    return tx.rows(
        f"SELECT name, hour, n, duplicates, violations FROM volumes WHERE hour >= ?{wanted} ORDER BY name, hour",
        [since_hour, *values],
    )


def present(tx: Tx, since_day: int, name: str | None = None) -> list[Row]:
    """``(name, day, property, n)`` since a day (UTC)."""
    wanted, values = (" AND name = ?", [name]) if name else ("", [])
    return tx.rows(f"SELECT name, day, property, n FROM presences WHERE day >= ?{wanted}", [since_day, *values])


def first_hour(tx: Tx) -> dict[str, int]:
    """When each event was first counted."""
    return dict(tx.rows("SELECT name, min(hour) FROM volumes GROUP BY name"))


def age_out(tx: Tx, before_hour: int) -> None:
    """Let go of what is too old to compare with."""
    tx.run("DELETE FROM volumes WHERE hour < ?", (before_hour,))
    tx.run("DELETE FROM presences WHERE day < ?", (before_hour // 24,))


def as_text(seen: Mapping[str, Mapping[str, int]]) -> str:
    """What was seen, as it is stored."""
    return dump(dict(seen))
