"""Pictures of letters that were uploaded, each once, under a name made of what is in it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text
from sqlmodel import Field

from .database import Tx
from .naming import Table


class Picture(Table, table=True):
    """One picture. ``name`` is the digest of its bytes with an ending, ``kind`` its media type; moments in ms."""

    __tablename__ = "pictures"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_type=Text)
    title: str = Field(default="", sa_type=Text)
    size: int = Field(sa_type=Integer)  # bytes
    content: bytes = Field(sa_type=LargeBinary)
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(default="", sa_type=Text)


def picture(tx: Tx, name: str) -> Picture | None:
    """The picture of this name."""
    return tx.session.get(Picture, name)


def put(tx: Tx, made: Picture) -> bool:
    """Keep it; False where it is there already."""
    row = made.model_dump()
    marks = ", ".join("?" for _ in row)
    insert = f"INSERT INTO pictures ({', '.join(row)}) VALUES ({marks}) ON CONFLICT (name) DO NOTHING"
    return tx.run(insert, tuple(row.values())).rowcount == 1
