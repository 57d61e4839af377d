"""Who said STOP to one sender of ours, and not to all."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field

from .naming import Table


class SenderStop(Table, table=True):
    """An address that wants nothing from a sender. Moments are milliseconds."""

    __tablename__ = "sender_stops"

    address: str = Field(sa_column=Column(Text, primary_key=True))
    sender: str = Field(sa_column=Column(Text, primary_key=True))
    at: int = Field(sa_type=BigInteger)
