"""What went wrong between us and somebody: complaints, angry answers, bounces. The gate keeps quiet after them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .naming import Table


class Setback(Table, table=True):
    """One complaint, negative reply or bounce. Moments are milliseconds."""

    __tablename__ = "setbacks"
    __table_args__ = (
        Index("ix_setbacks_contact_id", "contact_id", "at"),
        Index("ix_setbacks_journey_id", "journey_id", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    contact_id: int = Field(sa_type=Key)
    kind: str = Field(sa_type=Text)  # complaint, negative_reply, bounce
    channel: str = Field(default="", sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=Key)
    journey_id: int | None = Field(default=None, sa_type=Key)
    source: str = Field(default="", sa_type=Text)  # a sentence: where we know it from
