"""Addresses whose mailbox did not take letters lately: counted, forgotten with the first letter it takes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from .database import Tx
from .naming import Table


class Bounce(Table, table=True):
    """How many letters in a row an address did not take, and what was said the last time."""

    __tablename__ = "bounces"
    __table_args__ = (Index("ix_bounces_last_at", "last_at"),)

    address: str = Field(sa_column=Column(Text, primary_key=True))
    channel: str = Field(sa_column=Column(Text, primary_key=True))
    n: int = Field(default=0, sa_type=Integer)
    last_at: int = Field(sa_type=BigInteger)
    said: str = Field(default="", sa_type=Text)


def bounced(tx: Tx, address: str, channel: str, said: str, now_ms: int) -> int:
    """One more letter was not taken; returns how many in a row."""
    return tx.value(
        "INSERT INTO bounces (address, channel, n, last_at, said) VALUES (lower(?), ?, 1, ?, ?) "
        "ON CONFLICT (address, channel) DO UPDATE SET n = bounces.n + 1, last_at = excluded.last_at, "
        "said = excluded.said RETURNING n",
        (address, channel, now_ms, said[:500]),
    )


def taken(tx: Tx, addresses: Sequence[str], channel: str) -> None:
    """These addresses took a letter: what was before does not count any more."""
    if not addresses or tx.value("SELECT 1 FROM bounces LIMIT 1") is None:
        return
    among, wanted = tx.among([address.lower() for address in addresses])
    tx.run(f"DELETE FROM bounces WHERE channel = ? AND address {among}", (channel, wanted))
