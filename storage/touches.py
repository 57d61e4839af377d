"""The ledger of touches: one row for each message that went, or is going, to somebody. Caps are counted on it alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from .columns import Key
from .naming import Table


class Touch(Table, table=True):
    """Written when a message is marked as being sent, taken back when the other side refused it.

    ``rank`` is the priority class (0 transactional … 3 promo). ``enrollment_id`` and ``node`` say which chain of
    fallbacks it belongs to. Moments are milliseconds.
    """

    __tablename__ = "touches"
    __table_args__ = (Index("ix_touches_contact_id", "contact_id", "at"), Index("ix_touches_at", "at"))

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)
    channel: str = Field(sa_type=Text)
    topic: str = Field(sa_type=Text)
    rank: int = Field(sa_type=Integer)
    journey_id: int = Field(sa_type=Key)
    enrollment_id: int = Field(sa_type=Key)
    node: int = Field(sa_type=Integer)
