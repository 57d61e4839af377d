"""Letters on paper: the pieces that wait, and the batches they were closed into for the printer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from .columns import Json, Key
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
