"""What a contact agreed to or refused: an append-only ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment, dump
from .database import Tx
from .naming import Table


class Consent(Table, table=True):
    """One entry of the ledger; the state is the last entry for a channel and topic. Rows are never changed."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_contact_id", "contact_id", "channel", "topic", "id"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    contact_id: int = Field(sa_type=Key)
    channel: str = Field(sa_type=Text)
    topic: str = Field(default="marketing", sa_type=Text)
    action: str = Field(sa_type=Text)  # granted, denied, withdrawn
    source: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


def say(
    tx: Tx,
    contact_id: int,
    channel: str,
    action: str,
    *,
    source: str,
    now_ms: int,
    topic: str = "marketing",
    evidence: dict[str, Any] | None = None,
) -> bool:
    """Add an entry to the ledger, unless the last one says the same already. True when one was added.

    The contact's row is locked first, and a sender about to hand over locks it too: whoever withdrew and
    got an answer is past every hand-over that began, and before every one that begins.
    """
    person = _locked(tx, contact_id)
    if person is None or last(tx, person, channel, topic) == action:
        return False
    tx.run(
        "INSERT INTO consents (contact_id, channel, topic, action, source, at, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (person, channel, topic, action, source, now_ms, dump(evidence or {})),
    )
    return True


def last(tx: Tx, contact_id: int, channel: str, topic: str = "marketing") -> str | None:
    """What the contact said last about this channel and topic; None when nothing is known."""
    return tx.value(
        "SELECT action FROM consents WHERE contact_id = ? AND channel = ? AND topic = ? ORDER BY id DESC LIMIT 1",
        (contact_id, channel, topic),
    )


def _locked(tx: Tx, contact_id: int) -> int | None:
    """Who this contact is by now, held still: merged once, twice, or just while we waited for the lock."""
    while True:
        row = tx.one(
            "SELECT merged_into FROM contacts WHERE id = ?" + (" FOR UPDATE" if tx.postgres else ""), (contact_id,)
        )
        if row is None:
            return None
        if row[0] is None:
            return contact_id
        contact_id = row[0]
