"""How letters fare, by day: tried, put off, bounced, blocked, complained of, opened; by account and mailbox provider.

Small notes are written beside what they speak of and folded later, so that senders never queue on one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field

from .columns import Key
from .database import Row, Tx
from .naming import Table

TRIED, DEFERRED, HARD, SOFT, BLOCKED, OTHER = "tried", "deferred", "hard", "soft", "blocked", "other"
COMPLAINTS, OPENS, CLICKS = "complaints", "opens", "clicks"
KINDS = (TRIED, DEFERRED, HARD, SOFT, BLOCKED, OTHER, COMPLAINTS, OPENS, CLICKS)
DAY_MS = 86_400_000
LOCK = 7341  # of whoever folds, on PostgreSQL


class SenderDelta(Table, table=True):
    """What one batch added to a count."""

    __tablename__ = "sender_deltas"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    account: str = Field(default="", sa_type=Text)
    provider: str = Field(sa_type=Text)
    day: int = Field(sa_type=Integer)
    kind: str = Field(sa_type=Text)
    n: int = Field(sa_type=Integer)


class SenderDay(Table, table=True):
    """One count of one day (days since 1970, UTC). ``account``: by which it went out; "" is the house's own server."""

    __tablename__ = "sender_days"

    day: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    account: str = Field(sa_column=Column(Text, primary_key=True))
    provider: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=Column(Text, primary_key=True))
    n: int = Field(default=0, sa_type=Integer)


class Letter(NamedTuple):
    """By which account a letter went out, and to which address."""

    account: str
    address: str


def note(tx: Tx, counts: Mapping[tuple[str, str, int, str], int]) -> None:
    """Add to counts: by account, provider, day and kind."""
    rows = [(*key, n) for key, n in sorted(counts.items()) if n]
    tx.insert("sender_deltas", "account,provider,day,kind,n", rows)


def letters(tx: Tx, message_ids: Sequence[int]) -> dict[int, Letter]:
    """Those of these messages that are letters."""
    if not message_ids:
        return {}
    among, ids = tx.among(message_ids)
    rows = tx.rows(
        "SELECT m.id, COALESCE(m.account, ''), COALESCE(c.email, '') FROM messages m"
        f" JOIN contacts c ON c.id = m.contact_id WHERE m.id {among} AND m.channel = 'email'",
        (ids,),
    )
    return {key: Letter(account, address) for key, account, address in rows}


def fold(tx: Tx, limit: int = 20_000) -> int:
    """Fold notes into the counts by day; returns how many there were at most."""
    top = tx.value("SELECT max(id) FROM (SELECT id FROM sender_deltas ORDER BY id LIMIT ?) AS d", (limit,))
    if top is None:
        return 0
    add = " ON CONFLICT (day, account, provider, kind) DO UPDATE SET n = sender_days.n + excluded.n"
    into = "INSERT INTO sender_days (day, account, provider, kind, n) SELECT day, account, provider, kind, sum(n)"
    if tx.postgres:  # one folder at a time; another one simply finds nothing to do
        if not tx.value("SELECT pg_try_advisory_xact_lock(?, 1)", (LOCK,)):
            return 0
        gone = "WITH gone AS (DELETE FROM sender_deltas WHERE id <= ? RETURNING day, account, provider, kind, n) "
        tx.run(f"{gone}{into} FROM gone GROUP BY 1, 2, 3, 4{add}", (top,))
        return limit
    tx.run(f"{into} FROM sender_deltas WHERE id <= ? GROUP BY 1, 2, 3, 4{add}", (top,))
    return tx.run("DELETE FROM sender_deltas WHERE id <= ?", (top,)).rowcount


def days(tx: Tx, since_day: int, until_day: int) -> list[Row]:
    """``(day, account, provider, kind, n)`` of these days, folded and not yet folded together: in one statement, since
    what is folded between two would be missed."""
    one = "SELECT day, account, provider, kind, n FROM"
    rows = tx.rows(
        f"SELECT day, account, provider, kind, sum(n) FROM ({one} sender_days UNION ALL {one} sender_deltas) AS both_of"
        " WHERE day BETWEEN ? AND ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        (since_day, until_day),
    )
    return [(*key, int(n)) for *key, n in rows]


def forget(tx: Tx, before_day: int) -> None:
    """Let go of what is older."""
    tx.run("DELETE FROM sender_days WHERE day < ?", (before_day,))
