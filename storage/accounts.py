"""Accounts at the carriers messages go out by: a gateway, a push service, a mail server, with what opens it sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment
from .database import Tx
from .naming import Table


class Account(Table, table=True):
    """One way out for one medium. ``settings`` is what may be seen, ``sealed`` what may not, as sealed JSON.

    Of several that are on for a medium, the one with the smallest ``place`` is asked first.
    """

    __tablename__ = "accounts"
    __table_args__ = (Index("ux_accounts_name", "name", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_type=Text)
    medium: str = Field(sa_type=Text)
    carrier: str = Field(sa_type=Text)
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    sealed: str = Field(default="", sa_type=Text)
    place: int = 0
    status: str = Field(default="on", sa_type=Text)  # on, off
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    changed_by: str = Field(default="", sa_type=Text)


def everyone(tx: Tx, media: Sequence[str] | None = None) -> list[Account]:
    """All accounts, in the order they are asked."""
    found = select(Account).order_by(col(Account.medium), col(Account.place), col(Account.id))
    if media is not None:
        found = found.where(col(Account.medium).in_(list(media)))
    return list(tx.session.exec(found))


def named(tx: Tx, name: str) -> Account | None:
    """The account of that name."""
    return tx.session.exec(select(Account).where(col(Account.name) == name)).first()


def keep(tx: Tx, account: Account) -> int:
    """Write an account; returns its id."""
    tx.session.add(account)
    tx.session.flush()
    assert account.id is not None
    return account.id


def remove(tx: Tx, name: str) -> bool:
    """Forget an account; what went out by it stays in the record."""
    return tx.run("DELETE FROM accounts WHERE name = ?", (name,)).rowcount == 1


def stamp(tx: Tx) -> tuple[int, int]:
    """Changes whenever an account does, so that whoever keeps them open knows when to look again."""
    row = tx.one("SELECT count(*), COALESCE(max(changed_at), 0) FROM accounts")
    assert row is not None
    return int(row[0]), int(row[1])


def used(tx: Tx, since_ms: int) -> dict[str, dict[str, int]]:
    """How many messages came to what by each account since then."""
    found: dict[str, dict[str, int]] = {}
    for account, status, n in tx.rows(
        "SELECT account, status, COUNT(*) FROM messages WHERE account IS NOT NULL AND queued_at >= ? "
        "GROUP BY account, status",
        (since_ms,),
    ):
        found.setdefault(account, {})[status] = n
    return found
