"""Names of people who were erased, as keyed digests: enough to know them again, nothing to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field

from .columns import Moment
from .database import Tx
from .naming import Table

Name = tuple[str, str]  # kind (user, anonymous, email, phone …) and normalised value, as in `identities`


class Tombstone(Table, table=True):
    """One name of somebody who was erased at their wish."""

    __tablename__ = "tombstones"

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


def bury(tx: Tx, names: Iterable[Name], now_ms: int) -> None:
    """Remember that these names belonged to somebody who was erased."""
    rows = sorted({(_digest(tx, name), name[0], now_ms) for name in names})
    tx.many("INSERT INTO tombstones (digest, kind, at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING", rows)


def buried(tx: Tx, names: Iterable[Name]) -> set[Name]:
    """Which of these names belonged to somebody who was erased. Costs nothing where nobody ever was."""
    wanted = set(names)
    if not wanted or tx.value("SELECT 1 FROM tombstones LIMIT 1") is None:
        return set()
    by_digest = {_digest(tx, name): name for name in wanted}
    among, digests = tx.among(list(by_digest))
    found = tx.rows(f"SELECT digest FROM tombstones WHERE digest {among}", (digests,))
    return {by_digest[digest] for (digest,) in found}


def lift(tx: Tx, names: Iterable[Name]) -> None:
    """They came back by their own hand: a sign-up they confirmed."""
    tx.many("DELETE FROM tombstones WHERE digest = ?", [(_digest(tx, name),) for name in names])


def _digest(tx: Tx, name: Name) -> str:
    return tx.digest(f"{name[0]}:{name[1]}")
