"""The keys that sign letters for a domain (DKIM): the private half sealed, the public half as it stands in DNS."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import Key, Moment
from .database import Tx
from .naming import Table

ON = "on"


class DkimKey(Table, table=True):
    """One key. It signs while it is on; ``waiting`` is a new one whose record is not in DNS yet."""

    __tablename__ = "dkim_keys"
    __table_args__ = (Index("ux_dkim_keys_selector", "selector", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    domain: str = Field(sa_type=Text)
    selector: str = Field(sa_type=Text)
    algorithm: str = Field(sa_type=Text)  # rsa-sha256, ed25519-sha256
    sealed: str = Field(sa_type=Text)  # the private key in PEM
    record: str = Field(sa_type=Text)  # what the domain has to publish
    status: str = Field(default="waiting", sa_type=Text)  # on, off, waiting
    created_at: datetime = Field(sa_type=Moment)
    created_by: str = Field(default="", sa_type=Text)


def everyone(tx: Tx, domain: str = "") -> list[DkimKey]:
    """All keys, or those of a domain; the oldest first."""
    found = select(DkimKey).order_by(col(DkimKey.domain), col(DkimKey.id))
    if domain:
        found = found.where(col(DkimKey.domain) == domain)
    return list(tx.session.exec(found))


def selected(tx: Tx, selector: str) -> DkimKey | None:
    """The key under a selector."""
    return tx.session.exec(select(DkimKey).where(col(DkimKey.selector) == selector)).first()


def keep(tx: Tx, key: DkimKey) -> None:
    """Write a key."""
    tx.session.add(key)
    tx.session.flush()


def turn(tx: Tx, selector: str, status: str) -> bool:
    """Say whether a key signs; False where there is none."""
    return tx.run("UPDATE dkim_keys SET status = ? WHERE selector = ?", (status, selector)).rowcount == 1


def remove(tx: Tx, selector: str) -> bool:
    """Forget a key; False where there is none."""
    return tx.run("DELETE FROM dkim_keys WHERE selector = ?", (selector,)).rowcount == 1


def stamp(tx: Tx, domain: str) -> tuple[tuple[str, str], ...]:
    """The selectors and records that are on for a domain: changes whenever what signs for it does."""
    return tuple(
        (selector, record)
        for selector, record in tx.rows(
            "SELECT selector, record FROM dkim_keys WHERE domain = ? AND status = 'on' ORDER BY id", (domain,)
        )
    )
