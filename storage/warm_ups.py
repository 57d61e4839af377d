"""Plans by which a new sender is warmed up: how many letters on which day, and who has a place on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field, col, select

from .columns import Json, Key
from .database import Row, Tx
from .naming import Table

ON, STOPPED, DONE, ENDED = "on", "stopped", "done", "ended"
IN_FORCE = (ON, STOPPED)


class WarmUp(Table, table=True):
    """One plan. It holds for letters by an account ("": by whichever) to a provider's mailboxes ("": to all).

    ``step`` is the day of the ramp it stands on, from 0; ``allowed`` what that allows; ``day`` the day it was set for.
    """

    __tablename__ = "warm_ups"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    account: str = Field(default="", sa_type=Text)
    provider: str = Field(default="", sa_type=Text)
    start: int = Field(default=50, sa_type=Integer)  # letters on the first day
    target: int = Field(default=10_000, sa_type=Integer)  # letters a day at the end
    days: int = Field(default=35, sa_type=Integer)  # how many it takes if nothing goes wrong
    shares: dict[str, int] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))  # per cent, at most
    opens: int = Field(default=480, sa_type=Integer)  # minutes after midnight at which the most engaged have their turn
    spread: int = Field(default=240, sa_type=Integer)  # minutes until the least engaged have theirs
    step: int = Field(default=0, sa_type=Integer)
    allowed: int = Field(default=50, sa_type=Integer)
    day: str = Field(default="", sa_type=Text)
    status: str = Field(default=ON, sa_type=Text)
    cause: str = Field(default="plan", sa_type=Text)  # plan, brake
    word: str = Field(default="", sa_type=Text)  # a sentence: why it stands where it stands
    judged_from: int = Field(default=0, sa_type=Integer)  # letters of this day (since 1970, UTC) and later are judged
    made_by: str = Field(default="", sa_type=Text)
    created_at: int = Field(default=0, sa_type=BigInteger)  # milliseconds, as below
    changed_at: int = Field(default=0, sa_type=BigInteger)


class WarmUpDay(Table, table=True):
    """What a day of a plan came to. The row of provider "" is the whole; ``allowed`` stands in it alone."""

    __tablename__ = "warm_up_days"

    plan_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    day: str = Field(sa_column=Column(Text, primary_key=True))
    provider: str = Field(default="", sa_column=Column(Text, primary_key=True))
    allowed: int | None = Field(default=None, sa_type=Integer)
    n: int = Field(default=0, sa_type=Integer)


class WarmUpPlace(Table, table=True):
    """A letter that has a place on a day: kept at the mark, given back when it did not leave."""

    __tablename__ = "warm_up_places"
    __table_args__ = (Index("ix_warm_up_places_day", "day"),)

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    plan_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    day: str = Field(sa_type=Text)
    provider: str = Field(sa_type=Text)


def plans(tx: Tx, statuses: Collection[str] = IN_FORCE) -> list[WarmUp]:
    """Plans of these states, the oldest first."""
    return list(tx.session.exec(select(WarmUp).where(col(WarmUp.status).in_(statuses)).order_by(col(WarmUp.id))))


def plan(tx: Tx, plan_id: int) -> WarmUp | None:
    """One plan."""
    return tx.session.get(WarmUp, plan_id)


def save(tx: Tx, plan: WarmUp) -> WarmUp:
    """Write a plan."""
    tx.session.add(plan)
    tx.session.flush()
    return plan


LIMITS = (
    "SELECT id, account, provider, allowed, status, shares, opens, spread FROM warm_ups"
    " WHERE status IN ('on', 'stopped')"
)


def limits(tx: Tx, account: str | None, lock: bool) -> list[Row]:
    """``(id, account, provider, allowed, status, shares, opens, spread)`` of what is in force for an account (None:
    for any). ``lock``: nobody else gives out places of these before the transaction ends."""
    sql, params = (f"{LIMITS} AND account IN ('', ?)", (account,)) if account is not None else (LIMITS, ())
    return tx.rows(f"{sql} ORDER BY id{' FOR UPDATE' if lock and tx.postgres else ''}", params)


def used(tx: Tx, plan_ids: Sequence[int], day: str) -> dict[tuple[int, str], int]:
    """How many have a place on a day, by plan and provider ("": in all)."""
    if not plan_ids:
        return {}
    among, ids = tx.among(plan_ids)
    rows = tx.rows(f"SELECT plan_id, provider, n FROM warm_up_days WHERE plan_id {among} AND day = ?", (ids, day))
    return {(plan_id, provider): n for plan_id, provider, n in rows}


def holders(tx: Tx, message_ids: Sequence[int], day: str) -> set[tuple[int, int]]:
    """``(message, plan)`` of those of these that have a place on a day already: one tried again keeps it."""
    among, ids = tx.among(message_ids)
    rows = tx.rows(f"SELECT message_id, plan_id FROM warm_up_places WHERE message_id {among} AND day = ?", (ids, day))
    return {(message, plan_id) for message, plan_id in rows}


def keep(tx: Tx, day: str, places: Sequence[tuple[int, int, str]]) -> None:
    """Give places ``(message, plan, provider)`` on a day; one kept on an earlier day moves."""
    fresh = [(message, plan_id, day, provider) for message, plan_id, provider in places]
    kept = holders(tx, [message for message, _, _ in places], day) if places else set()
    fresh = [row for row in fresh if (row[0], row[1]) not in kept]
    tx.many(
        "INSERT INTO warm_up_places (message_id, plan_id, day, provider) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (message_id, plan_id) DO UPDATE SET day = excluded.day, provider = excluded.provider",
        fresh,
    )
    _add(tx, [(plan_id, on, provider) for _, plan_id, on, provider in fresh], 1)


def give_back(tx: Tx, message_ids: Sequence[int]) -> None:
    """These did not leave after all."""
    if not message_ids:
        return
    among, ids = tx.among(message_ids)
    rows = tx.rows(f"DELETE FROM warm_up_places WHERE message_id {among} RETURNING plan_id, day, provider", (ids,))
    _add(tx, [(plan_id, day, provider) for plan_id, day, provider in rows], -1)


def _add(tx: Tx, places: Sequence[tuple[int, str, str]], by: int) -> None:
    sums: dict[tuple[int, str, str], int] = {}
    for plan_id, day, provider in places:
        for key in ((plan_id, day, ""), (plan_id, day, provider)):
            sums[key] = sums.get(key, 0) + by
    tx.many(
        "INSERT INTO warm_up_days (plan_id, day, provider, n) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (plan_id, day, provider) DO UPDATE SET n = warm_up_days.n + excluded.n",
        [(*key, n) for key, n in sorted(sums.items())],
    )


def opened(tx: Tx, plan_id: int, day: str, allowed: int) -> None:
    """So much is allowed on a day."""
    tx.run(
        "INSERT INTO warm_up_days (plan_id, day, provider, allowed, n) VALUES (?, ?, '', ?, 0)"
        " ON CONFLICT (plan_id, day, provider) DO UPDATE SET allowed = excluded.allowed",
        (plan_id, day, allowed),
    )


def went(tx: Tx, plan_id: int, day: str, rows: Sequence[tuple[str, int]]) -> None:
    """So many went on a day that is over: ``(provider, letters)``, "" for all."""
    tx.many(
        "INSERT INTO warm_up_days (plan_id, day, provider, n) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (plan_id, day, provider) DO UPDATE SET n = excluded.n",
        [(plan_id, day, provider, n) for provider, n in rows],
    )


def history(tx: Tx, plan_id: int) -> list[tuple[str, int | None, int]]:
    """``(day, allowed, went)`` of every day so far."""
    rows = tx.rows(
        "SELECT day, allowed, n FROM warm_up_days WHERE plan_id = ? AND provider = '' ORDER BY day", (plan_id,)
    )
    return [(day, allowed, n) for day, allowed, n in rows]


def forget_places(tx: Tx, before_day: str) -> None:
    """Let go of places nobody gives back any more."""
    tx.run("DELETE FROM warm_up_places WHERE day < ?", (before_day,))


def figures(plan: WarmUp) -> dict[str, Any]:
    """A plan for programs."""
    return plan.model_dump()
