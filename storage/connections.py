"""Where data is fetched from by itself: databases and folders, how far each is, and how its runs went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment
from .database import Row, Tx
from .naming import Table


class Connection(Table, table=True):
    """A source that is looked into again and again. ``sealed`` is the address of a database, with its password."""

    __tablename__ = "connections"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    title: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)  # database, folder
    brings: str = Field(default="contacts", sa_type=Text)  # contacts, events
    sealed: str = Field(default="", sa_type=Text)
    shown: str = Field(default="", sa_type=Text)  # the address without its password, or the folder
    query: str = Field(default="", sa_type=Text)
    key_column: str = Field(default="", sa_type=Text)
    last_key: Any = Field(default=None, sa_column=Column(Json))
    event: str = Field(default="", sa_type=Text)  # the name of every row's event, where no column has it
    mapping: dict[str, str] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    minutes: int = 60
    status: str = Field(default="on", sa_type=Text)  # on, off
    state: str = Field(default="", sa_type=Text)  # running, done, failed
    said: str = Field(default="", sa_type=Text)  # how the last run went, as a sentence
    ran_at: datetime | None = Field(default=None, sa_type=Moment)
    next_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    created_by: str = Field(default="", sa_type=Text)


class TakenFile(Table, table=True):
    """A file of a folder that was taken in, so that each is taken once."""

    __tablename__ = "taken_files"
    __table_args__ = (Index("ux_taken_files_connection_id_digest", "connection_id", "digest", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    connection_id: int = Field(sa_type=Key)
    name: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)  # of name, size and time of change
    said: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=Moment)


def everyone(tx: Tx) -> list[Connection]:
    """All connections."""
    return list(tx.session.exec(select(Connection).order_by(col(Connection.id))))


def get(tx: Tx, connection_id: int) -> Connection | None:
    """One connection."""
    return tx.session.get(Connection, connection_id)


def keep(tx: Tx, connection: Connection) -> int:
    """Write a connection; returns its id."""
    tx.session.add(connection)
    tx.session.flush()
    assert connection.id is not None
    return connection.id


def remove(tx: Tx, connection_id: int) -> None:
    """Forget a connection; what it brought stays."""
    tx.run("DELETE FROM taken_files WHERE connection_id = ?", (connection_id,))
    tx.run("DELETE FROM connections WHERE id = ?", (connection_id,))


def due(tx: Tx, now_ms: int) -> list[int]:
    """Which connections are to be looked into now."""
    rows = tx.rows(
        "SELECT id FROM connections WHERE status = 'on' AND (next_at IS NULL OR next_at <= ?) ORDER BY id", (now_ms,)
    )
    return [connection for (connection,) in rows]


def running(tx: Tx, connection_id: int, now_ms: int) -> None:
    """It is being looked into."""
    tx.run("UPDATE connections SET state = 'running', ran_at = ? WHERE id = ?", (now_ms, connection_id))


def ran(tx: Tx, connection_id: int, state: str, said: str, now_ms: int) -> None:
    """How a run went; the next one comes after the connection's own minutes."""
    tx.run(
        "UPDATE connections SET state = ?, said = ?, ran_at = ?, next_at = ? + minutes * 60000 WHERE id = ?",
        (state, said, now_ms, now_ms, connection_id),
    )


def reached(tx: Tx, connection_id: int, key: str) -> None:
    """How far a query has been read, as JSON text."""
    tx.run("UPDATE connections SET last_key = ? WHERE id = ?", (key, connection_id))


def is_taken(tx: Tx, connection_id: int, digest: str) -> bool:
    """Whether this file was taken in already."""
    sql = "SELECT 1 FROM taken_files WHERE connection_id = ? AND digest = ?"
    return tx.value(sql, (connection_id, digest)) is not None


def took(tx: Tx, connection_id: int, name: str, digest: str, said: str, now_ms: int) -> None:
    """A file was taken in, or given up."""
    tx.insert("taken_files", "connection_id,name,digest,said,at", [(connection_id, name, digest, said, now_ms)])


def files(tx: Tx, connection_id: int, limit: int = 50) -> Sequence[Row]:
    """``(name, said, at)`` of the files taken, the latest first."""
    return tx.rows(
        "SELECT name, said, at FROM taken_files WHERE connection_id = ? ORDER BY id DESC LIMIT ?",
        (connection_id, limit),
    )


def failed(tx: Tx) -> list[Row]:
    """``(title, said)`` of the connections whose last run failed."""
    return tx.rows("SELECT title, said FROM connections WHERE status = 'on' AND state = 'failed' ORDER BY id")
