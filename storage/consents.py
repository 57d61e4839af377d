"""What a contact agreed to or refused: an append-only ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment
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
