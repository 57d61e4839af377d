"""What is worked out about each contact, one wide row each, and who has to be looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, SmallInteger, Text, text
from sqlmodel import Field

from .columns import Key
from .database import Row, Tx
from .naming import Table


class Features(Table, table=True):
    """One contact in figures, as `runtime.feature_catalogue` describes them. Moments are milliseconds since 1970.

    ``next_change_at`` is when time alone changes a figure (0: look at once). ``touched`` counts what happened to the
    row from outside, so that a figure worked out before it is not written over it.
    """

    __tablename__ = "features"
    __table_args__ = (
        Index(
            "ix_features_next_change_at",
            "next_change_at",
            sqlite_where=text("next_change_at IS NOT NULL"),
            postgresql_where=text("next_change_at IS NOT NULL"),
        ),
        Index("ix_features_refreshed_at", "refreshed_at"),
    )

    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    orders: int = Field(default=0, sa_type=Integer)
    revenue: float = Field(default=0, sa_type=Float)
    refunded: float = Field(default=0, sa_type=Float)
    average_order: float | None = Field(default=None, sa_type=Float)
    first_order_at: int | None = Field(default=None, sa_type=BigInteger)
    last_order_at: int | None = Field(default=None, sa_type=BigInteger)
    order_interval_days: float | None = Field(default=None, sa_type=Float)
    favourite_category: str | None = Field(default=None, sa_type=Text)
    last_seen_at: int | None = Field(default=None, sa_type=BigInteger)
    engagement: int = Field(default=0, sa_type=SmallInteger)
    r: int | None = Field(default=None, sa_type=SmallInteger)
    f: int | None = Field(default=None, sa_type=SmallInteger)
    m: int | None = Field(default=None, sa_type=SmallInteger)
    rfm: str | None = Field(default=None, sa_type=Text)
    revenue_tenth: int | None = Field(default=None, sa_type=SmallInteger)
    stage: str | None = Field(default=None, sa_type=Text)  # None: never worked out
    stage_since_at: int | None = Field(default=None, sa_type=BigInteger)
    refreshed_at: int | None = Field(default=None, sa_type=BigInteger)  # when a figure last changed
    next_change_at: int | None = Field(default=None, sa_type=BigInteger)
    touched: int = Field(default=0, sa_type=Integer)


FIGURES = (
    "orders", "revenue", "refunded", "average_order", "first_order_at", "last_order_at", "order_interval_days",
    "favourite_category", "last_seen_at", "engagement", "r", "f", "m", "rfm", "revenue_tenth", "stage",
    "stage_since_at",
)  # fmt: skip
KEPT = ", ".join(FIGURES)

# ── from outside ──────────────────────────────────────────────────────────────────────────────────────


def touch(tx: Tx, contacts: Sequence[int]) -> None:
    """Look at these contacts again soon: what they did, or who they are, was changed other than by a new event."""
    tx.many(
        "INSERT INTO features (contact_id, orders, revenue, refunded, engagement, next_change_at, touched)"
        " VALUES (?, 0, 0, 0, 0, 0, 1)"
        " ON CONFLICT (contact_id) DO UPDATE SET next_change_at = 0, touched = features.touched + 1",
        [(contact,) for contact in sorted(set(contacts))],
    )


def touch_all(tx: Tx) -> None:
    """Look at everybody again: a definition was changed."""
    tx.run("UPDATE features SET next_change_at = 0, touched = touched + 1")


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """Take the figures of these contacts away."""
    among, ids = tx.among(contacts)
    tx.run(f"DELETE FROM features WHERE contact_id {among}", (ids,))


# ── whom to look at ───────────────────────────────────────────────────────────────────────────────────


def newest(tx: Tx) -> tuple[int, int]:
    """The highest ids of an event and of a contact."""
    return tx.value("SELECT max(id) FROM events") or 0, tx.value("SELECT max(id) FROM contacts") or 0


def event_stamp(tx: Tx, event: int) -> list[int]:
    """When the event of this id happened and came; empty when there is none."""
    return list(tx.one("SELECT at, received_at FROM events WHERE id = ?", (event,)) or ())


def who_did(tx: Tx, after_id: int, last_id: int) -> list[int]:
    """Whose events have ids in ``(after_id, last_id]``."""
    found = tx.rows("SELECT DISTINCT contact_id FROM events WHERE id > ? AND id <= ?", (after_id, last_id))
    return sorted(row[0] for row in found)


def came(tx: Tx, after_id: int, last_id: int, limit: int) -> list[int]:
    """Contacts with ids in ``(after_id, last_id]``, in order, at most ``limit``."""
    found = tx.rows("SELECT id FROM contacts WHERE id > ? AND id <= ? ORDER BY id LIMIT ?", (after_id, last_id, limit))
    return [row[0] for row in found]


def due(tx: Tx, now_ms: int, limit: int) -> list[int]:
    """Contacts whose figures change by now, the longest due first."""
    found = tx.rows(
        "SELECT contact_id FROM features WHERE next_change_at <= ? ORDER BY next_change_at LIMIT ?", (now_ms, limit)
    )
    return sorted(row[0] for row in found)


# ── their rows ────────────────────────────────────────────────────────────────────────────────────────


def held(tx: Tx, contacts: Sequence[int], lock: bool = True) -> dict[int, Row]:
    """``(touched, next_change_at, *FIGURES)`` of the rows there are; locked, nobody else may write them now."""
    among, ids = tx.among(contacts)
    locked = " ORDER BY contact_id FOR UPDATE" if lock and tx.postgres else ""
    found = tx.rows(
        f"SELECT contact_id, touched, next_change_at, {KEPT} FROM features WHERE contact_id {among}{locked}", (ids,)
    )
    return {row[0]: row[1:] for row in found}


def of(tx: Tx, contact: int) -> dict[str, Any] | None:
    """The figures of one contact by name; None for somebody never looked at."""
    row = tx.one(f"SELECT {KEPT} FROM features WHERE contact_id = ? AND stage IS NOT NULL", (contact,))
    return None if row is None else dict(zip(FIGURES, row, strict=True))


def write(tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
    """Keep ``(contact_id, *FIGURES, refreshed_at, next_change_at)``."""
    names = (*FIGURES, "refreshed_at", "next_change_at")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    marks = ", ".join("?" * (len(names) + 1))
    tx.many(
        f"INSERT INTO features (contact_id, {', '.join(names)}, touched) VALUES ({marks}, 0)"
        f" ON CONFLICT (contact_id) DO UPDATE SET {sets}",
        rows,
    )


def plan(tx: Tx, rows: Sequence[tuple[int | None, int]]) -> None:
    """Only the moment of the next change: ``(next_change_at, contact_id)``."""
    tx.many("UPDATE features SET next_change_at = ? WHERE contact_id = ?", rows)


# ── groups of buyers ──────────────────────────────────────────────────────────────────────────────────

GRADED = {"r": ("last_order_at", 5), "f": ("orders", 5), "m": ("revenue", 5), "revenue_tenth": ("revenue", 10)}


def cuts(tx: Tx, grade: str) -> list[float]:
    """The values that part the buyers into the groups of one of `GRADED`; empty when nobody ever bought.

    The k-th is the smallest value that k/groups of them do not exceed (nearest rank).
    """
    column, groups = GRADED[grade]
    count = tx.value("SELECT count(*) FROM features WHERE orders > 0")
    wanted = [-(-count * part // groups) for part in range(1, groups)] if count else []
    among, places = tx.among(sorted(set(wanted)))
    found = dict(
        tx.rows(
            f"SELECT n, v FROM (SELECT {column} AS v, row_number() OVER (ORDER BY {column}) AS n"
            f" FROM features WHERE orders > 0) ranked WHERE n {among}",
            (places,),
        )
    )  # type: ignore[arg-type]
    return [found[place] for place in wanted]


def regrade(tx: Tx, cuts: Mapping[str, Sequence[float]], after: int, upto: int, now_ms: int) -> int:
    """Give the buyers with ids in ``(after, upto]`` the groups these cuts mean; returns how many changed."""
    grades: list[str] = []
    params: list[float] = []
    for grade, (column, _) in GRADED.items():
        grades.append("1" + f" + CASE WHEN {column} > ? THEN 1 ELSE 0 END" * len(cuts[grade]))
        params += cuts[grade]
    found = tx.rows(
        f"SELECT contact_id, {', '.join(GRADED)}, {', '.join(grades)} FROM features"
        " WHERE contact_id > ? AND contact_id <= ? AND orders > 0",
        (*params, after, upto),
    )
    rows = []
    for contact, *both in found:
        old, new = both[: len(GRADED)], both[len(GRADED) :]
        if old != new:
            rows.append((*new, "".join(map(str, new[:3])), now_ms, contact))
    sets = ", ".join(f"{grade} = ?" for grade in GRADED)
    tx.many(f"UPDATE features SET {sets}, rfm = ?, refreshed_at = ? WHERE contact_id = ?", rows)
    return len(rows)
