"""What carriers told us already, so that the same call, played again, does nothing; and what they told too early."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field

from .columns import Digest, Json, Key, dump, load
from .database import Tx
from .naming import Table

EARLY = "reference IS NOT NULL"


class Callback(Table, table=True):
    """One thing a carrier said, by the digest of what names it.

    A receipt may come before its sender has written down what the carrier calls the message. Such a one waits with its
    ``reference`` and what was ``told``, without a word that names anybody, and is emptied when it is met or given up.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        Index("ix_callbacks_at", "at"),
        Index("ix_callbacks_early", "at", sqlite_where=text(EARLY), postgresql_where=text(EARLY)),
    )

    digest: bytes = Field(sa_column=Column(Digest, primary_key=True))
    account_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)
    reference: str | None = Field(default=None, sa_type=Text)
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


def digest_of(account_id: int, key: str) -> bytes:
    """What names one thing an account was told."""
    return blake2b(f"{account_id}\0{key}".encode("utf-8", "replace"), digest_size=16).digest()


def fresh(tx: Tx, account_id: int, keys: Sequence[str], now_ms: int) -> set[str]:
    """Which of these were not told before; they count as told from now on."""
    new = set()
    for key in dict.fromkeys(keys):
        done = tx.run(
            "INSERT INTO callbacks (digest, account_id, at, told) VALUES (?, ?, ?, '{}') ON CONFLICT DO NOTHING",
            (digest_of(account_id, key), account_id, now_ms),
        )
        if done.rowcount == 1:
            new.add(key)
    return new


def wait(tx: Tx, account_id: int, rows: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Keep ``(key, reference, told)`` of what came before its message was known by that reference."""
    tx.many(
        "UPDATE callbacks SET reference = ?, told = ? WHERE digest = ?",
        [(reference, dump(told), digest_of(account_id, key)) for key, reference, told in rows],
    )


def early(tx: Tx, limit: int) -> list[tuple[bytes, int, str, dict[str, Any], int]]:
    """``(digest, message, reference, told, at)`` of those whose message is known by now, the oldest first."""
    rows = tx.rows(  # message by message, so that only what waits is looked at
        "SELECT digest, message, reference, told, at FROM (SELECT k.digest, k.reference, k.told, k.at,"
        " (SELECT max(m.id) FROM messages m JOIN accounts a ON a.name = m.account || ''"
        " WHERE a.id = k.account_id AND m.reference = k.reference) AS message"
        " FROM callbacks k WHERE k.reference IS NOT NULL) AS early"
        " WHERE message IS NOT NULL ORDER BY at LIMIT ?",
        (limit,),
    )
    return [(bytes(digest), message, reference, load(told), at) for digest, message, reference, told, at in rows]


def met(tx: Tx, digests: Sequence[bytes]) -> None:
    """These have found their message."""
    tx.many("UPDATE callbacks SET reference = NULL, told = '{}' WHERE digest = ?", [(one,) for one in digests])


def give_up(tx: Tx, before_ms: int) -> int:
    """Wait no longer for messages of what was told before then; returns how many there were."""
    return tx.run(
        "UPDATE callbacks SET reference = NULL, told = '{}' WHERE reference IS NOT NULL AND at < ?", (before_ms,)
    ).rowcount


def stale(tx: Tx, early_ms: int, told_ms: int) -> bool:
    """Whether anything is to be given up, or to be forgotten."""
    sql = "SELECT 1 FROM callbacks WHERE (reference IS NOT NULL AND at < ?) LIMIT 1"
    return (
        tx.one(sql, (early_ms,)) is not None
        or tx.one("SELECT 1 FROM callbacks WHERE at < ? LIMIT 1", (told_ms,)) is not None
    )


def age_out(tx: Tx, before_ms: int, limit: int) -> int:
    """Forget what was told before then, up to ``limit``; returns how many went."""
    return tx.run(
        "DELETE FROM callbacks WHERE digest IN (SELECT digest FROM callbacks WHERE at < ? LIMIT ?)", (before_ms, limit)
    ).rowcount
