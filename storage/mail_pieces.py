"""Letters on paper: the pieces that wait, and the batches they were closed into for the printer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Tx
from .naming import Table


class MailPiece(Table, table=True):
    """One letter to one contact. ``batch_id`` is None until its batch is closed."""

    __tablename__ = "mail_pieces"
    __table_args__ = (
        Index("ix_mail_pieces_batch_id", "batch_id", "account"),
        Index("ix_mail_pieces_contact_id", "contact_id"),
    )

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    account: str = Field(sa_type=Text)
    batch_id: int | None = Field(default=None, sa_type=Key)
    address: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    placed_at: int = Field(sa_type=BigInteger)


class MailBatch(Table, table=True):
    """What goes to the printer together. ``pieces`` is how many its file holds; people who were erased are in none."""

    __tablename__ = "mail_batches"
    __table_args__ = (Index("ix_mail_batches_closed_at", "closed_at"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    account: str = Field(sa_type=Text)
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))  # as it was closed
    pieces: int = Field(sa_type=Integer)
    closed_at: int = Field(sa_type=BigInteger)
    made_at: int | None = Field(default=None, sa_type=BigInteger)  # its file
    taken_at: int | None = Field(default=None, sa_type=BigInteger)  # downloaded first
    taken_by: str = Field(default="", sa_type=Text)
    told_at: int | None = Field(default=None, sa_type=BigInteger)  # the printer's system took it
    said: str = Field(default="", sa_type=Text)  # what it answered


@dataclass(frozen=True, slots=True)
class Piece:
    """One letter of a batch."""

    message_id: int
    address: dict[str, Any]
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with how many of its pieces are still there."""

    id: int
    account: str
    settings: dict[str, Any]
    pieces: int
    closed_at: int
    made_at: int | None
    taken_at: int | None
    taken_by: str
    told_at: int | None
    said: str
    left: int

    @property
    def outdated(self) -> bool:
        """Whether its file is not there yet, or holds somebody who was erased since."""
        return self.made_at is None or self.left != self.pieces


BATCHES = (
    "SELECT b.id, b.account, b.settings, b.pieces, b.closed_at, b.made_at, b.taken_at, b.taken_by, b.told_at, b.said, "
    "(SELECT count(*) FROM mail_pieces p WHERE p.batch_id = b.id) FROM mail_batches b"
)


def place(tx: Tx, rows: Sequence[tuple[int, int, str, dict[str, Any], dict[str, Any], int]]) -> None:
    """Put letters down: message, contact, account, address, content, when. Once, however often it is tried."""
    tx.many(
        "INSERT INTO mail_pieces (message_id, contact_id, account, address, content, placed_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO NOTHING",
        [(message, contact, account, dump(to), dump(said), at) for message, contact, account, to, said, at in rows],
    )


def waiting(tx: Tx) -> dict[str, tuple[int, int]]:
    """By account how many letters wait for a batch, and since when the oldest does."""
    rows = tx.rows("SELECT account, count(*), min(placed_at) FROM mail_pieces WHERE batch_id IS NULL GROUP BY account")
    return {account: (count, oldest) for account, count, oldest in rows}


def close(tx: Tx, account: str, settings: dict[str, Any], most: int, now_ms: int) -> int | None:
    """Close a batch of the oldest letters of an account; None when none waits."""
    among = (
        "SELECT message_id FROM mail_pieces WHERE batch_id IS NULL AND account = ? "
        "ORDER BY placed_at, message_id LIMIT ?"
    )
    count = tx.value(f"SELECT count(*) FROM ({among}) AS oldest", (account, most))
    if not count:
        return None
    batch_id = tx.value(
        "INSERT INTO mail_batches (account, settings, pieces, closed_at, taken_by, said) VALUES (?, ?, ?, ?, '', '') "
        "RETURNING id",
        (account, dump(settings), count, now_ms),
    )
    tx.run(f"UPDATE mail_pieces SET batch_id = ? WHERE message_id IN ({among})", (batch_id, account, most))
    return batch_id


def pieces(tx: Tx, batch_id: int) -> list[Piece]:
    """The letters of a batch, in the order they were written."""
    rows = tx.rows(
        "SELECT message_id, address, content FROM mail_pieces WHERE batch_id = ? ORDER BY message_id", (batch_id,)
    )
    return [Piece(message, load(address), load(content)) for message, address, content in rows]


def batch(tx: Tx, batch_id: int) -> Batch | None:
    """One batch."""
    row = tx.one(f"{BATCHES} WHERE b.id = ?", (batch_id,))
    return _batch(row) if row else None


def batches(tx: Tx, limit: int = 100) -> list[Batch]:
    """The newest batches first."""
    return [_batch(row) for row in tx.rows(f"{BATCHES} ORDER BY b.closed_at DESC, b.id DESC LIMIT ?", (limit,))]


def kept(tx: Tx) -> list[Batch]:
    """All batches whose letters are still kept, the newest first: whoever is erased goes out of every one's file."""
    return [_batch(row) for row in tx.rows(f"{BATCHES} WHERE b.pieces > 0 ORDER BY b.closed_at DESC, b.id DESC")]


def made(tx: Tx, batch_id: int, count: int, now_ms: int) -> None:
    """Its file holds so many letters."""
    tx.run("UPDATE mail_batches SET pieces = ?, made_at = ? WHERE id = ?", (count, now_ms, batch_id))


def taken(tx: Tx, batch_id: int, by: str, now_ms: int) -> None:
    """Somebody downloaded it; the first one is kept."""
    tx.run(
        "UPDATE mail_batches SET taken_at = ?, taken_by = ? WHERE id = ? AND taken_at IS NULL", (now_ms, by, batch_id)
    )


def told(tx: Tx, batch_id: int, said: str, now_ms: int | None) -> None:
    """How it stands with the printer's system; without a moment it does not have the batch."""
    tx.run("UPDATE mail_batches SET told_at = ?, said = ? WHERE id = ?", (now_ms, said[:500], batch_id))


def age_out(tx: Tx, before_ms: int) -> list[int]:
    """Forget the letters of batches closed before then; answers whose files go."""
    old = [row[0] for row in tx.rows("SELECT id FROM mail_batches WHERE closed_at < ? AND pieces > 0", (before_ms,))]
    among, ids = tx.among(old)
    tx.run(f"DELETE FROM mail_pieces WHERE batch_id {among}", (ids,))
    tx.run(f"UPDATE mail_batches SET pieces = 0 WHERE id {among}", (ids,))
    return old


def _batch(row: tuple[Any, ...]) -> Batch:
    batch_id, account, settings, *rest = row
    return Batch(batch_id, account, load(settings), *rest)
