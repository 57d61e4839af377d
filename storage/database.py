"""The one door every write goes through: one writer with group commit on SQLite, transactions on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from .columns import dump

T = TypeVar("T")
Row = tuple[Any, ...]

GROUP = 256  # jobs in one SQLite commit
BUSY_MS = 15_000
RETRIES = 40  # of a PostgreSQL transaction whose server went away or that lost a deadlock


class StorageError(Exception):
    """Something about the store; the message says what to do."""


class DoorIsClosed(StorageError):
    """The database was closed while work was still arriving: start the instance again."""


class WriteInsideWrite(StorageError):
    """A write job asked for another write and would wait for itself: use the transaction it was given."""


class Tx:
    """An open transaction: plain SQL with ``?`` marks on the driver, bulk verbs, and a Session for small things."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.postgres = connection.dialect.name == "postgresql"
        self._driver: Any = connection.connection.driver_connection
        self._session: Session | None = None
        self._afterwards: list[Callable[[], None]] = []

    def run(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement and return the driver's cursor."""
        if self.postgres:
            return self._driver.execute(_percent(sql), params)
        return self._driver.execute(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query, as tuples."""
        return self.run(sql, params).fetchall()

    def one(self, sql: str, params: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, or None."""
        return self.run(sql, params).fetchone()

    def value(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, params)
        return None if row is None else row[0]

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement once for each row of parameters."""
        if not rows:
            return
        if self.postgres:
            with self._driver.cursor() as cursor:
                cursor.executemany(_percent(sql), rows)
        else:
            self._driver.executemany(sql, rows)

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert many rows at once: COPY on PostgreSQL. ``columns`` is the comma-separated list."""
        if not rows:
            return
        if self.postgres:
            with self._driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ",".join("?" * (columns.count(",") + 1))
            self._driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def update(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], types: str) -> None:
        """Update many rows by ``id``: each row is the new values in order of ``columns``, then the id.

        ``types`` are the columns' PostgreSQL types, comma-separated, without the id's.
        """
        if not rows:
            return
        if self.postgres:
            arrays = ", ".join(f"%s::{kind.strip()}[]" for kind in types.split(","))
            sets = ", ".join(f"{name} = v.{name}" for name in columns)
            names = ", ".join(columns)
            self._driver.execute(
                f"UPDATE {table} t SET {sets} "
                f"FROM unnest({arrays}, %s::bigint[]) AS v({names}, key) WHERE t.id = v.key",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            sets = ", ".join(f"{name} = ?" for name in columns)
            self._driver.executemany(f"UPDATE {table} SET {sets} WHERE id = ?", rows)

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, Any]:
        """SQL for "is one of these" and its single parameter: ``column {sql}``."""
        if self.postgres:
            return "= ANY(?)", list(values)
        return "IN (SELECT value FROM json_each(?))", orjson.dumps(list(values)).decode()

    @property
    def session(self) -> Session:
        """A SQLModel session inside this transaction; it is flushed when the job ends."""
        if self._session is None:
            self._session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        return self._session

    def afterwards(self, call: Callable[[], None]) -> None:
        """Call this once the transaction has been committed; forget it if it is rolled back."""
        self._afterwards.append(call)

    def finish(self, keep: bool) -> None:
        """Flush and close the session, if one was used."""
        if self._session is not None:
            if keep:
                self._session.commit()
            self._session.close()
            self._session = None


class Database:
    """One store. `write` runs a job in a transaction and returns its answer; `read` opens a snapshot."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.postgres = url.startswith("postgresql")
        self._readers = _engine(url, read_only=True)
        self._writers = _engine(url, read_only=False)
        self._door: _Door = _PostgresDoor(self._writers) if self.postgres else _SqliteDoor(self._writers)

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

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations and backups only."""
        return self._writers

    def close(self) -> None:
        """Finish what waits and let go of every connection."""
        self._door.close()
        self._readers.dispose()
        self._writers.dispose()


class _Door:
    def submit(self, job: Callable[[Tx], T], durable: bool) -> Future[T]:
        raise NotImplementedError  # pragma: no cover

    def close(self) -> None:
        raise NotImplementedError  # pragma: no cover


class _SqliteDoor(_Door):
    """One thread writes; whatever waits is committed together, each job under its own savepoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Callable[[Tx], Any], Future[Any], bool] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Tx], T], durable: bool) -> Future[T]:
        if threading.current_thread() is self._thread:
            raise WriteInsideWrite(WriteInsideWrite.__doc__)
        if self._closed:
            raise DoorIsClosed(DoorIsClosed.__doc__)
        future: Future[T] = Future()
        self._waiting.put((job, future, durable))
        return future

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _work(self) -> None:
        open_for_business = True
        with self._engine.connect() as connection:
            while open_for_business:
                group = []
                item = self._waiting.get()
                while True:
                    if item is None:
                        open_for_business = False
                        break
                    if item[1].set_running_or_notify_cancel():
                        group.append(item)
                    if len(group) >= GROUP:
                        break
                    try:
                        item = self._waiting.get_nowait()
                    except queue.Empty:
                        break
                if group:
                    self._commit(connection, group)

    def _commit(self, connection: Connection, group: list[tuple[Callable[[Tx], Any], Future[Any], bool]]) -> None:
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        afterwards: list[Callable[[], None]] = []
        driver: Any = connection.connection.driver_connection
        try:
            if any(durable for _, _, durable in group):
                driver.execute("PRAGMA synchronous=FULL")
            else:
                driver.execute("PRAGMA synchronous=NORMAL")
            with connection.begin():
                for job, future, _ in group:
                    driver.execute("SAVEPOINT job")
                    tx = Tx(connection)
                    try:
                        answer = job(tx)
                        tx.finish(keep=True)
                    except BaseException as error:
                        tx.finish(keep=False)
                        driver.execute("ROLLBACK TO job")
                        answers.append((future, None, error))
                    else:
                        afterwards += tx._afterwards
                        answers.append((future, answer, None))
                    driver.execute("RELEASE job")
                fail_point("before_commit")
            fail_point("after_commit")
        except BaseException as error:
            for _, future, _ in group:
                future.set_exception(error)
            return
        for call in afterwards:
            call()
        for future, answer, error in answers:
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)


class _PostgresDoor(_Door):
    """Each job is a transaction of its own; a lost server or a lost deadlock runs it again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="writer")

    def submit(self, job: Callable[[Tx], T], durable: bool) -> Future[T]:
        try:
            return self._pool.submit(self._run, job)
        except RuntimeError as error:
            raise DoorIsClosed(DoorIsClosed.__doc__) from error

    def _run(self, job: Callable[[Tx], T]) -> T:
        for attempt in range(RETRIES):
            try:
                return self._once(job)
            except Exception as error:
                if attempt == RETRIES - 1 or not _worth_another_try(error):
                    raise
                time.sleep(min(1.0, 0.02 * 2 ** min(attempt, 6)) * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    def _once(self, job: Callable[[Tx], T]) -> T:
        with self._engine.connect() as connection:
            tx = Tx(connection)
            with connection.begin():
                try:
                    answer = job(tx)
                    tx.finish(keep=True)
                except BaseException:
                    tx.finish(keep=False)
                    raise
                fail_point("before_commit")
            fail_point("after_commit")
            for call in tx._afterwards:
                call()
            return answer

    def close(self) -> None:
        self._pool.shutdown(wait=True)


def _worth_another_try(error: BaseException) -> bool:
    """True for a server that went away and for a transaction PostgreSQL asks us to repeat."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    if state in ("40001", "40P01", "57P01", "57P02", "57P03", "08006", "08003", "08000", "53300"):
        return True
    return state is None and (isinstance(error, OperationalError) or type(original).__name__ == "OperationalError")


@lru_cache(maxsize=4096)
def _percent(sql: str) -> str:
    """The same statement with psycopg's marks. No SQL of ours has a literal question mark."""
    return sql.replace("%", "%%").replace("?", "%s")


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


# ── deterministic crashes, for the harness that proves nothing is lost ────────────────────────────────

_fail_at = os.environ.get("SOJOURN_FAIL_POINT", "")
_fail_in = int(os.environ.get("SOJOURN_FAIL_AFTER", "1"))


def fail_point(name: str) -> None:
    """Die here, as if the power went, when the environment names this point. Costs one comparison otherwise."""
    if _fail_at and name == _fail_at:
        global _fail_in
        _fail_in -= 1
        if _fail_in <= 0:
            os.kill(os.getpid(), 9)
