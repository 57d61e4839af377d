"""What carriers told us already, so that the same call, played again, does nothing."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from .columns import Digest, Key
from .naming import Table


class Callback(Table, table=True):
    """One thing a carrier said, by the digest of what names it."""

    __tablename__ = "callbacks"
    __table_args__ = (Index("ix_callbacks_at", "at"),)

    digest: bytes = Field(sa_column=Column(Digest, primary_key=True))
    account_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)
