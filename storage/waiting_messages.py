"""Messages that wait for a visit: what stands in somebody's inbox on the site or in the app."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer
from sqlmodel import Field

from .columns import Json, Key
from .naming import Table


class WaitingMessage(Table, table=True):
    """One message until it is closed or over. Moments are milliseconds."""

    __tablename__ = "waiting_messages"
    __table_args__ = (Index("ix_waiting_messages_contact_id", "contact_id", "placed_at"),)

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    placed_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    shown: int = Field(default=0, sa_type=Integer)
    shown_at: int | None = Field(default=None, sa_type=BigInteger)  # the last time
    most: int = Field(default=0, sa_type=Integer)  # shown at most so often; 0: until it is closed
    seen_at: int | None = Field(default=None, sa_type=BigInteger)
    clicked_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
