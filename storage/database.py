"""The one door every write goes through: one writer with group commit on SQLite, transactions on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event

from .columns import dump
from .doors import Door, PostgresDoor, SqliteDoor
from .transaction import KEY, Row, Tx

__all__ = ["Database", "Row", "Tx", "sqlite_url"]

T = TypeVar("T")

BUSY_MS = 15_000


class Database:
    """One store. `write` runs a job in a transaction and returns its answer; `read` opens a snapshot.

    ``key`` is what `Tx.digest` is keyed with: the instance's own, so that a digest tells nothing to a stranger.
    """

    def __init__(self, url: str, key: bytes = b"") -> None:
        self.url = url
        self.postgres = url.startswith("postgresql")
        self._readers = _engine(url, read_only=True)
        self._writers = _engine(url, read_only=False)
        for engine in (self._readers, self._writers):
            event.listen(engine, "connect", lambda _driver, record: record.info.update({KEY: key}))
        self._door: Door = PostgresDoor(self._writers) if self.postgres else SqliteDoor(self._writers)

    @contextlib.contextmanager
    def read(self) -> Iterator[Tx]:
        """A read-only snapshot."""
        with self._readers.connect() as connection, connection.begin():
            tx = Tx(connection)
            try:
                yield tx
            finally:
                tx.finish(keep=False)

    def write(self, job: Callable[[Tx], T], *, durable: bool = False) -> T:
        """Run ``job`` in a transaction and wait until it is committed.

        A job may run again (a lost connection, a deadlock), so it must not change anything but the
        database; what should follow a commit goes to `Tx.afterwards`. ``durable`` survives a power cut.
        """
        return self._door.submit(job, durable).result()

    async def awrite(self, job: Callable[[Tx], T], *, durable: bool = False) -> T:
        """`write`, for callers on an event loop."""
        return await asyncio.wrap_future(self._door.submit(job, durable))

    async def aread(self, query: Callable[[Tx], T]) -> T:
        """Run ``query`` on a snapshot in a thread, for callers on an event loop."""
        return await asyncio.to_thread(self.look, query)

    def look(self, query: Callable[[Tx], T]) -> T:
        """Run ``query`` on a snapshot."""
        with self.read() as tx:
            return query(tx)

    def outside(self, job: Callable[[Any], T]) -> T:
        """Run what cannot be part of a transaction on the driver's connection, while nobody else writes here."""
        return self._door.outside(job).result()

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations and backups only."""
        return self._writers

    def close(self) -> None:
        """Finish what waits and let go of every connection."""
        self._door.close()
        self._readers.dispose()
        self._writers.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def _engine(url: str, read_only: bool) -> Engine:
    if url.startswith("postgresql"):
        url = "postgresql+psycopg" + url[url.index(":") :]
        engine = create_engine(
            url,
            json_serializer=dump,
            json_deserializer=orjson.loads,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
        )
        if read_only:
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return engine
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={BUSY_MS}",
            "cache_size=-65536",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
            "foreign_keys=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
