"""The two doors writes go through: one thread with group commit for SQLite, transactions for PostgreSQL."""

from __future__ import annotations

import queue
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from .faults import fail_point
from .transaction import Tx

T = TypeVar("T")
_Waiting = tuple[Callable[[Tx], Any], Future[Any], bool]  # a job, its answer, whether it has to survive a power cut

GROUP = 256  # jobs in one SQLite commit
RETRIES = 40  # of a PostgreSQL transaction whose server went away or that lost a deadlock
FIRST_S = 1.5  # how long a server nobody ever reached is tried: more is a mistake in its address


class StorageError(Exception):
    """Something about the store; the message says what to do."""


class DoorIsClosed(StorageError):
    """The database was closed while work was still arriving: start the instance again."""


class WriteInsideWrite(StorageError):
    """A write job asked for another write and would wait for itself: use the transaction it was given."""


class Door(ABC):
    """Takes jobs and answers with futures."""

    @abstractmethod
    def submit(self, job: Callable[[Tx], T], durable: bool) -> Future[T]:
        """Queue a job; the future has its answer once it is committed."""

    @abstractmethod
    def outside(self, job: Callable[[Any], T]) -> Future[T]:
        """Queue what cannot be part of a transaction; it gets the driver's connection."""

    @abstractmethod
    def close(self) -> None:
        """Finish what waits, then take nothing more."""


@dataclass(frozen=True, slots=True)
class _Alone:
    """Something for the driver's connection, outside of any transaction."""

    job: Callable[[Any], Any]
    future: Future[Any]

    def run(self, driver: Any) -> None:
        if self.future.set_running_or_notify_cancel():
            try:
                self.future.set_result(self.job(driver))
            except BaseException as error:
                self.future.set_exception(error)


class SqliteDoor(Door):
    """One thread writes; whatever waits is committed together, each job under its own savepoint."""

    def __init__(self, engine: Engine) -> None:
        self._waiting: queue.SimpleQueue[_Waiting | _Alone | None] = queue.SimpleQueue()
        self._closed = False
        self._connection = engine.connect()  # here, so that a damaged file is refused to whoever opens it
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Tx], T], durable: bool) -> Future[T]:
        self._must_be_open()
        future: Future[T] = Future()
        self._waiting.put((job, future, durable))
        return future

    def outside(self, job: Callable[[Any], T]) -> Future[T]:
        self._must_be_open()
        future: Future[T] = Future()
        self._waiting.put(_Alone(job, future))
        return future

    def _must_be_open(self) -> None:
        if threading.current_thread() is self._thread:
            raise WriteInsideWrite(WriteInsideWrite.__doc__)
        if self._closed:
            raise DoorIsClosed(DoorIsClosed.__doc__)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _work(self) -> None:
        open_for_business = True
        with self._connection as connection:
            while open_for_business:
                group: list[_Waiting] = []
                item = self._waiting.get()
                while True:
                    if item is None:
                        open_for_business = False
                        break
                    if isinstance(item, _Alone):
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
                if isinstance(item, _Alone):
                    item.run(connection.connection.driver_connection)

    def _commit(self, connection: Connection, group: list[_Waiting]) -> None:
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
                        if not driver.in_transaction:  # SQLite has given up the whole group, as on a full disk
                            raise _first(error) from None
                        tx.finish(keep=False)
                        driver.execute("ROLLBACK TO job")
                        answers.append((future, None, error))
                    else:
                        afterwards += tx.to_call
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


class PostgresDoor(Door):
    """Each job is a transaction of its own; a lost server or a lost deadlock runs it again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reached = False
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="writer")

    def submit(self, job: Callable[[Tx], T], durable: bool) -> Future[T]:
        try:
            return self._pool.submit(self._run, job)
        except RuntimeError as error:
            raise DoorIsClosed(DoorIsClosed.__doc__) from error

    def outside(self, job: Callable[[Any], T]) -> Future[T]:
        def run() -> T:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return job(connection.connection.driver_connection)

        return self._pool.submit(run)

    def _run(self, job: Callable[[Tx], T]) -> T:
        give_up = time.monotonic() + FIRST_S
        for attempt in range(RETRIES):
            try:
                return self._once(job)
            except Exception as error:
                hopeless = not self._reached and time.monotonic() > give_up
                if hopeless or attempt == RETRIES - 1 or not _worth_another_try(error):
                    raise
                time.sleep(min(1.0, 0.02 * 2 ** min(attempt, 6)) * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    def _once(self, job: Callable[[Tx], T]) -> T:
        with self._engine.connect() as connection:
            self._reached = True
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
            for call in tx.to_call:
                call()
            return answer

    def close(self) -> None:
        self._pool.shutdown(wait=True)


def _first(error: BaseException) -> BaseException:
    """What went wrong at first: whoever then tries to go back to a savepoint only hears that there is none."""
    while error.__context__ is not None:
        error = error.__context__
    return error


def _worth_another_try(error: BaseException) -> bool:
    """True for a server that went away and for a transaction PostgreSQL asks us to repeat."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    if state in ("40001", "40P01", "57P01", "57P02", "57P03", "08006", "08003", "08000", "53300"):
        return True
    return state is None and (isinstance(error, OperationalError) or type(original).__name__ == "OperationalError")
