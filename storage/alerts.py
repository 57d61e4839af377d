"""What colleagues are told of: at once as long as it is little, in a digest when it is much."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .naming import Table


class Alert(Table, table=True):
    """One alert. ``told_at`` is when it went out, or was about to; None: it waits for the next digest."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_line", "line", "told_at"), Index("ix_alerts_contact_id", "contact_id"))

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    line: str = Field(sa_type=Text)  # by which account and to whom: what is counted together
    title: str = Field(sa_type=Text)
    text: str = Field(default="", sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    told_at: int | None = Field(default=None, sa_type=BigInteger)
