"""How fast letters go to each provider, and how many each account has sent: shared by all that send."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Float, Integer, Text
from sqlmodel import Field

from .database import Tx
from .naming import Table


class Pace(Table, table=True):
    """One provider, or one domain that is none of the large ones. Moments are milliseconds.

    ``per_minute`` is what it was slowed to at ``slowed_at``, ``before`` what went there until then; None: never slowed.
    ``next_at`` is when the next letter may go, ``back_at`` until when places are given to those that wait.
    """

    __tablename__ = "paces"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    per_minute: float | None = Field(default=None, sa_type=Float)
    before: float | None = Field(default=None, sa_type=Float)
    slowed_at: int = Field(default=0, sa_type=BigInteger)
    next_at: int = Field(default=0, sa_type=BigInteger)
    back_at: int = Field(default=0, sa_type=BigInteger)


class Quota(Table, table=True):
    """What an account has sent in a minute, an hour or a day (``unit``) that began then."""

    __tablename__ = "quotas"

    account: str = Field(sa_column=Column(Text, primary_key=True))
    unit: str = Field(sa_column=Column(Text, primary_key=True))
    began_at: int = Field(sa_type=BigInteger)
    n: int = Field(default=0, sa_type=Integer)


class Held(NamedTuple):
    """A pace as it is kept."""

    name: str
    per_minute: float | None
    before: float | None
    slowed_at: int
    next_at: int
    back_at: int


UNITS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}  # UTC's
COLUMNS = "name, per_minute, before, slowed_at, next_at, back_at"


def everyone(tx: Tx) -> dict[str, Held]:
    """Every pace there is: a few."""
    return {row[0]: Held(*row) for row in tx.rows(f"SELECT {COLUMNS} FROM paces")}


def locked(tx: Tx, names: Sequence[str]) -> dict[str, Held]:
    """These, made where they are missing, and nobody else's until this transaction ends."""
    for name in sorted(names):
        tx.run(
            "INSERT INTO paces (name, slowed_at, next_at, back_at) VALUES (?, 0, 0, 0) ON CONFLICT (name) DO NOTHING",
            (name,),
        )
    among, wanted = tx.among(sorted(names))
    lock = " FOR UPDATE" if tx.postgres else ""
    rows = tx.rows(f"SELECT {COLUMNS} FROM paces WHERE name {among} ORDER BY name{lock}", (wanted,))
    return {row[0]: Held(*row) for row in rows}


def keep(tx: Tx, paces: Sequence[Held]) -> None:
    """Write them."""
    tx.many(
        "UPDATE paces SET per_minute = ?, before = ?, slowed_at = ?, next_at = ?, back_at = ? WHERE name = ?",
        [(*one[1:], one.name) for one in paces],
    )


def forget(tx: Tx, names: Sequence[str]) -> None:
    """These are as all others again."""
    tx.many("DELETE FROM paces WHERE name = ?", [(name,) for name in names])


def taken(tx: Tx, account: str, most: Mapping[str, int], wanted: int, now_ms: int) -> tuple[int, int]:
    """So many places of an account's minute, hour and day are taken, ``wanted`` at most; and when there are more."""
    lock = " FOR UPDATE" if tx.postgres else ""
    left: dict[str, int] = {}
    stretches: dict[str, int] = {}
    for unit in sorted(most):
        began = _began(unit, now_ms)
        tx.run(
            "INSERT INTO quotas (account, unit, began_at, n) VALUES (?, ?, ?, 0)"
            " ON CONFLICT (account, unit) DO NOTHING",
            (account, unit, began),
        )
        row = tx.one(f"SELECT began_at, n FROM quotas WHERE account = ? AND unit = ?{lock}", (account, unit))
        assert row is not None
        if began < row[0] <= began + UNITS[unit]:  # it began while this one waited for the store: it is not over
            began = row[0]
        stretches[unit] = began
        left[unit] = max(0, most[unit] - (row[1] if row[0] == began else 0))
    free = min([wanted, *left.values()])
    full = [stretches[unit] + UNITS[unit] for unit in most if left[unit] <= free]
    if free:
        for unit, began in stretches.items():
            tx.run(
                "UPDATE quotas SET n = CASE WHEN began_at = ? THEN n ELSE 0 END + ?, began_at = ? "
                "WHERE account = ? AND unit = ?",
                (began, free, began, account, unit),
            )
    return free, max(full, default=0)


def given_back(tx: Tx, account: str, units: Collection[str], n: int, taken_ms: int) -> None:
    """So many places that were taken at a moment are free again. What has begun since owes nothing to them."""
    tx.many(
        "UPDATE quotas SET n = CASE WHEN n > ? THEN n - ? ELSE 0 END WHERE account = ? AND unit = ? AND began_at = ?",
        [(n, n, account, unit, _began(unit, taken_ms)) for unit in sorted(units)],
    )


def _began(unit: str, at_ms: int) -> int:
    return at_ms - at_ms % UNITS[unit]
