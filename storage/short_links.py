"""Short addresses for texts: a code of ours, the message it stands in, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .database import Tx
from .naming import Table


class ShortLink(Table, table=True):
    """One short address. Moments are milliseconds."""

    __tablename__ = "short_links"
    __table_args__ = (
        Index("ix_short_links_message_id", "message_id"),
        Index("ix_short_links_created_at", "created_at"),
    )

    code: str = Field(sa_column=Column(Text, primary_key=True))
    message_id: int = Field(sa_type=Key)
    url: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """The short addresses in messages to these contacts lead nowhere any more."""
    among, ids = tx.among(contacts)
    tx.run(
        f"DELETE FROM short_links WHERE message_id IN (SELECT id FROM messages WHERE contact_id {among})",
        (ids,),
    )


def target(tx: Tx, code: str) -> tuple[int, str] | None:
    """The message a code stands in and where it leads; None when it leads nowhere any more."""
    row = tx.one("SELECT message_id, url FROM short_links WHERE code = ?", (code,))
    return (int(row[0]), str(row[1])) if row else None


def whose(tx: Tx, message_id: int) -> tuple[int, str] | None:
    """The contact a message went to, and its channel."""
    row = tx.one("SELECT contact_id, channel FROM messages WHERE id = ?", (message_id,))
    return (int(row[0]), str(row[1])) if row else None


def age_out(tx: Tx, before_ms: int, limit: int) -> int:
    """Forget those made before then, up to ``limit``; returns how many went."""
    return tx.run(
        "DELETE FROM short_links WHERE code IN (SELECT code FROM short_links WHERE created_at < ? LIMIT ?)",
        (before_ms, limit),
    ).rowcount


def add(tx: Tx, made: Sequence[tuple[str, int, str]], now_ms: int) -> None:
    """Write down ``(code, message, address)``; what is there already stays as it is."""
    tx.many(
        "INSERT INTO short_links (code, message_id, url, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (code) DO NOTHING",
        [(code, message, url, now_ms) for code, message, url in made],
    )
