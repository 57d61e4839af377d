"""Tasks for the people who sell: handed to their system, or taken from here as a list."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .naming import Table


class CrmTask(Table, table=True):
    """One task about one contact. Moments are milliseconds."""

    __tablename__ = "crm_tasks"
    __table_args__ = (Index("ix_crm_tasks_made_at", "made_at"), Index("ix_crm_tasks_contact_id", "contact_id"))

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    account: str = Field(default="", sa_type=Text)  # by which it was handed over; "": it waits in the list
    kind: str = Field(sa_type=Text)  # task, call, email, meeting
    title: str = Field(sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    owner: str = Field(default="", sa_type=Text)
    value: str = Field(default="", sa_type=Text)  # a decimal number
    currency: str = Field(default="", sa_type=Text)
    made_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)
    status: str = Field(default="open", sa_type=Text)  # open, taken, done
    reference: str = Field(default="", sa_type=Text)  # what the other system calls it
    done_at: int | None = Field(default=None, sa_type=BigInteger)
