"""The engine against raw driver writes of the very rows it writes, in CPU seconds of the same run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.engine import Engine
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import walking
from sojourn.storage.database import Database, Tx, sqlite_url
from sojourn.storage.tables import metadata

from . import workload
from .workload import DAY, T0

BATCH = 5_000  # what a worker takes at once


class Cpu:
    """CPU seconds of this process, and of a PostgreSQL server when there is one."""

    def __init__(self, server: psutil.Process | None = None) -> None:
        self._server = server
        self._began = self._now()

    def _now(self) -> float:
        spent = time.process_time()
        if self._server:
            for process in (self._server, *self._server.children(recursive=True)):
                try:
                    used = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                spent += used.user + used.system
            used = self._server.cpu_times()
            spent += used.children_user + used.children_system
        return spent

    def seconds(self) -> float:
        return self._now() - self._began


@contextmanager
def sqlite() -> Iterator[Database]:
    folder = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    db = Database(sqlite_url(folder / "bench.db"))
    db.write(lambda tx: metadata.create_all(tx.connection))
    try:
        yield db
    finally:
        db.close()
        shutil.rmtree(folder)


def set_out(db: Database, count: int) -> None:
    """People, the journey, everybody at its start."""
    content = workload.journey()
    workload.people(db, count)
    db.write(lambda tx: workload.publish(tx, content))
    workload.enroll(db, content, count)
    db.write(lambda tx: tx.run("ANALYZE"))


def go_through(
    db: Database, cpu: Callable[[], Cpu], keep: list[list[walking.Written]] | None = None
) -> tuple[int, float]:
    """Everybody from trigger to exit: ``(steps, CPU seconds)``. ``keep`` collects what the engine wrote."""
    clock = ManualClock(T0)
    engine = Engine(db, ProgramShelf(), clock, batch=BATCH)
    steps, seconds = 0, 0.0
    original = walking.write
    if keep is not None:

        def remember(tx: Tx, written: walking.Written) -> None:
            keep[-1].append(written)
            original(tx, written)

        walking.write = remember
    try:
        for now_ms in (T0, T0, T0 + DAY, T0 + DAY):
            clock.set(now_ms)
            if keep is not None:
                keep.append([])
            spent = cpu()
            steps += engine.run_due(budget_seconds=3_600).steps
            seconds += spent.seconds()
            workload.deliver(db, now_ms)
    finally:
        walking.write = original
    return steps, seconds


def write_again(db: Database, phases: list[list[walking.Written]], cpu: Callable[[], Cpu]) -> float:
    """The limit: the same rows in the same batches, by the driver, with nothing read and nothing thought."""
    seconds = 0.0
    for now_ms, batches in zip((T0, T0, T0 + DAY, T0 + DAY), phases, strict=True):
        spent = cpu()
        for written in batches:
            db.write(lambda tx, written=written: walking.write(tx, written))
        seconds += spent.seconds()
        workload.deliver(db, now_ms)
    return seconds


def check(db: Database, count: int) -> None:
    """A fast engine that does the wrong thing is not fast."""
    wanted = workload.expected(count)
    ended = db.look(lambda tx: tx.value("SELECT count(*) FROM enrollments WHERE ended_at IS NOT NULL"))
    messages = db.look(lambda tx: tx.value("SELECT count(*) FROM messages"))
    if (ended, messages) != (count, wanted["first"] + wanted["second"]):
        raise SystemExit(f"The engine went wrong: {ended} ended, {messages} messages, expected {count}, {wanted}.")
