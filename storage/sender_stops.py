"""Who said STOP to one sender of ours, and not to all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field

from .database import Tx
from .naming import Table


class SenderStop(Table, table=True):
    """An address that wants nothing from a sender. Moments are milliseconds."""

    __tablename__ = "sender_stops"

    address: str = Field(sa_column=Column(Text, primary_key=True))
    sender: str = Field(sa_column=Column(Text, primary_key=True))
    at: int = Field(sa_type=BigInteger)


def of(tx: Tx, addresses: Sequence[str]) -> dict[str, frozenset[str]]:
    """The senders each of these addresses said STOP to."""
    among, wanted = tx.among(addresses)
    found: dict[str, set[str]] = {}
    for address, sender in tx.rows(f"SELECT address, sender FROM sender_stops WHERE address {among}", (wanted,)):
        found.setdefault(address, set()).add(sender)
    return {address: frozenset(senders) for address, senders in found.items()}


def stop(tx: Tx, address: str, sender: str, now_ms: int) -> None:
    """They want nothing from this sender of ours any more."""
    tx.run(
        "INSERT INTO sender_stops (address, sender, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (address, sender, now_ms),
    )


def start(tx: Tx, address: str, sender: str) -> None:
    """They want to hear from this sender again."""
    tx.run("DELETE FROM sender_stops WHERE address = ? AND sender = ?", (address, sender))
