"""What people asked for about their own data: a file of it, or that it goes. Somebody here answers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .database import Tx
from .naming import Table

EXPORT, ERASURE = "export", "erasure"
NAMES = ("id", "kind", "contact_id", "source", "language", "asked_at", "status", "handled_at", "handled_by", "note")


class Request(Table, table=True):
    """A wish about one's own data. Moments are milliseconds."""

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_contact_id", "contact_id"), Index("ix_requests_status", "status", "asked_at"))

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    kind: str = Field(sa_type=Text)  # export, erasure
    contact_id: int = Field(sa_type=Key)
    source: str = Field(sa_type=Text)  # where it was said: preferences
    language: str = Field(default="", sa_type=Text)
    asked_at: int = Field(sa_type=Key)
    status: str = Field(default="open", sa_type=Text)  # open, done, refused
    handled_at: int | None = Field(default=None, sa_type=Key)
    handled_by: str | None = Field(default=None, sa_type=Text)
    note: str = Field(default="", sa_type=Text)


def ask(tx: Tx, kind: str, contact_id: int, source: str, language: str, now_ms: int) -> bool:
    """Write a wish down, unless the same one is open already. The contact is held by the caller."""
    if kind in open_kinds(tx, contact_id):
        return False
    tx.run(
        "INSERT INTO requests (kind, contact_id, source, language, asked_at, status, note) "
        "VALUES (?, ?, ?, ?, ?, 'open', '')",
        (kind, contact_id, source, language, now_ms),
    )
    return True


def open_kinds(tx: Tx, contact_id: int) -> set[str]:
    """What the contact asked for and has not been answered."""
    rows = tx.rows("SELECT kind FROM requests WHERE contact_id = ? AND status = 'open'", (contact_id,))
    return {kind for (kind,) in rows}


def listed(tx: Tx, status: str = "open", limit: int = 200) -> list[Request]:
    """Requests of this status, the one that waits longest first."""
    rows = tx.rows(
        f"SELECT {', '.join(NAMES)} FROM requests WHERE status = ? ORDER BY asked_at, id LIMIT ?", (status, limit)
    )
    return [Request(**dict(zip(NAMES, row, strict=True))) for row in rows]


def answer(tx: Tx, id_: int, status: str, by: str, note: str, now_ms: int) -> bool:
    """Close a request as done or refused; False when it was answered before."""
    return (
        tx.run(
            "UPDATE requests SET status = ?, handled_at = ?, handled_by = ?, note = ? WHERE id = ? AND status = 'open'",
            (status, now_ms, by, note, id_),
        ).rowcount
        == 1
    )


def settle(tx: Tx, kind: str, contacts: Sequence[int], by: str, now_ms: int) -> None:
    """What these contacts asked for has been done for them."""
    among, ids = tx.among(contacts)
    tx.run(
        "UPDATE requests SET status = 'done', handled_at = ?, handled_by = ? "
        f"WHERE status = 'open' AND kind = ? AND contact_id {among}",
        (now_ms, by, kind, ids),
    )
