"""The outbox and what became of each message, with every decision about it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text
from sqlmodel import Field

from .columns import Json, Key
from .naming import Table

QUEUED, LEASED, SENDING, SENT, IN_DOUBT, FAILED, SKIPPED = (
    "queued",
    "leased",
    "sending",
    "sent",
    "in_doubt",
    "failed",
    "skipped",
)
OPEN = "status IN ('leased', 'sending')"


class Message(Table, table=True):
    """One message to one contact. At most one for each walk and node, whatever crashes. Moments are milliseconds."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ux_messages_enrollment_seq_node", "enrollment_id", "seq", "node", unique=True),
        Index(
            "ix_messages_queued",
            "due_at",
            sqlite_where=text("status = 'queued'"),
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_messages_open", "worker", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_messages_contact_id", "contact_id", "queued_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    enrollment_id: int = Field(sa_type=Key)
    seq: int = Field(sa_type=Integer)
    node: int = Field(sa_type=Integer)
    journey_id: int = Field(sa_type=Key)
    version_id: int = Field(sa_type=Key)
    contact_id: int = Field(sa_type=Key)
    channel: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)  # the letter's name inside the version
    status: str = Field(default=QUEUED, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)  # a sentence, for failed, skipped and in_doubt
    queued_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)  # not before
    worker: str | None = Field(default=None, sa_type=Text)
    attempts: int = Field(default=0, sa_type=Integer)
    sent_at: int | None = Field(default=None, sa_type=BigInteger)
    opened_at: int | None = Field(default=None, sa_type=BigInteger)
    clicked_at: int | None = Field(default=None, sa_type=BigInteger)


class Decision(Table, table=True):
    """What the gate or the channel said of a message, and what it knew when it said so."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_message_id", "message_id"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    message_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)
    verdict: str = Field(sa_type=Text)  # go, defer, skip, sent, retry, failed, in_doubt
    reason: str = Field(sa_type=Text)
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
