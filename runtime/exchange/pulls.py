"""Data fetched by itself: rows of a query since the last key, or new files of a folder, through the door for files."""

from __future__ import annotations

import csv
import tempfile
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import Any

from ...storage import connections
from ...storage.columns import from_ms
from ...storage.connections import Connection
from ...storage.contacts import ImportRun
from ...storage.database import Database, Tx
from ...storage.imports import AnotherRuns
from .. import imports, notices
from ..clock import Clock
from ..consent_words import target_of
from ..csv_file import CsvProblem
from ..numbers import counted
from . import foreign

ENDINGS = (".csv", ".tsv", ".txt", ".parquet")
FILES = 100  # in one run
SETTLED_MS = 5_000  # a file that changed just now may still be written
MINUTES = (5, 7 * 24 * 60)


class ConnectionProblem(Exception):
    """A connection cannot be kept as it is; the message says why."""


def check(connection: Connection, url: str, home: Path) -> None:
    """Raise `ConnectionProblem` or `ForeignProblem` for what could never work, or reads our own files."""
    if not connection.title.strip():
        raise ConnectionProblem("Give the connection a name.")
    if not MINUTES[0] <= connection.minutes <= MINUTES[1]:
        raise ConnectionProblem("It can run every 5 minutes at most, and once a week at least.")
    if connection.brings not in imports.KINDS:
        raise ConnectionProblem("It brings contacts or events.")
    if connection.kind == "folder":
        folder = Path(connection.shown)
        if not folder.is_absolute() or not folder.is_dir():
            raise ConnectionProblem(f"There is no folder {connection.shown!r} on this machine; write the whole path.")
        if _inside(folder, home):
            raise ConnectionProblem("This is Sojourn's own folder: choose another one.")
    else:
        foreign.check(url, connection.query, connection.key_column)
        file = foreign.file_of(url)
        if file is not None and _inside(file, home):
            raise ConnectionProblem("This is Sojourn's own database: what it has is here already.")


def make(tx: Tx, seal: Any, connection: Connection, url: str, home: Path, actor: str, now_ms: int) -> int:
    """Keep a new connection; the address of a database is sealed. Raises `ConnectionProblem`, `ForeignProblem`."""
    check(connection, url, home)
    if connection.kind == "database":
        connection.sealed, connection.shown = seal(url), foreign.shown(url)
    connection.created_at, connection.created_by = from_ms(now_ms), actor
    return connections.keep(tx, connection)


def run(db: Database, clock: Clock, secrets: Any, connection_id: int, actor: str = "connection") -> str:
    """Look into one connection now; returns how it went as a sentence, which is kept with it."""
    connection = db.look(lambda tx: connections.get(tx, connection_id))
    if connection is None:
        return "The connection is gone."
    db.write(lambda tx: connections.running(tx, connection_id, clock.now_ms()))
    state = "done"
    try:
        said = (_folder if connection.kind == "folder" else _database)(db, clock, secrets, connection, actor)
    except (CsvProblem, AnotherRuns, foreign.ForeignProblem, OSError) as problem:
        state, said = "failed", str(problem)
    except Exception:
        words = "It failed for a reason nobody foresaw: the log of this instance has it."
        db.write(lambda tx: connections.ran(tx, connection_id, "failed", words, clock.now_ms()))
        raise
    db.write(lambda tx: connections.ran(tx, connection_id, state, said[:1_000], clock.now_ms()))
    return said


def run_due(db: Database, clock: Clock, secrets: Any) -> None:
    """Everything whose time has come."""
    for connection in db.look(lambda tx: connections.due(tx, clock.now_ms())):
        run(db, clock, secrets, connection)
    failed = db.look(connections.failed)
    sentences = [f"The connection “{title}” failed: {said}" for title, said in failed]
    db.write(lambda tx: notices.put(tx, "connections", sentences))


def _database(db: Database, clock: Clock, secrets: Any, connection: Connection, actor: str) -> str:
    """The rows go through a file, so that they are read, judged and counted like any other. The key is kept once they
    are in: a run that is cut short brings the same rows again, which changes nothing."""
    assert connection.id is not None
    url, last = secrets.open(connection.sealed), connection.last_key
    with tempfile.TemporaryDirectory(prefix="sojourn-pull-") as folder:
        path = Path(folder) / "rows.csv"
        reached, rows = None, 0
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            for number, row in enumerate(foreign.rows(url, connection.query, connection.key_column, last)):
                if number == 0:
                    writer.writerow(row.heads)
                writer.writerow(row.cells)
                reached, rows = row.key, rows + 1
        if not rows:
            return "Nothing new."
        mapping, remark = _mapping(db, connection, path)
        done = imports.run(
            db, path, mapping, clock, actor,
            kind=connection.brings, event=connection.event, name=connection.title,
        )  # fmt: skip
    if connection.key_column and reached is not None:
        key, number = foreign.as_json(reached), connection.id
        db.write(lambda tx: connections.reached(tx, number, key))
    return _sentence(done) + remark


def _folder(db: Database, clock: Clock, secrets: Any, connection: Connection, actor: str) -> str:
    """Each new file once: a file that changed is a new one. One that cannot be read is noted and passed over."""
    folder, number = Path(connection.shown), connection.id
    assert number is not None
    if not folder.is_dir():
        raise CsvProblem(f"There is no folder {connection.shown} any more.")
    said: list[str] = []
    failed = 0
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.startswith(".") or path.suffix.lower() not in ENDINGS or path.is_symlink() or not path.is_file():
            continue
        file = path.stat()
        digest = sha256(f"{path.name}\n{file.st_size}\n{file.st_mtime_ns}".encode()).hexdigest()
        if db.look(lambda tx, digest=digest: connections.is_taken(tx, number, digest)) or _still_written(
            file.st_mtime_ns
        ):
            continue
        try:
            mapping, remark = _mapping(db, connection, path)
            done = imports.run(db, path, mapping, clock, actor, kind=connection.brings, event=connection.event)
            words = _sentence(done) + remark
        except CsvProblem as problem:
            words, failed = f"Not taken in: {problem}", failed + 1
        name, now_ms = path.name, clock.now_ms()
        db.write(lambda tx, n=name, d=digest, w=words, t=now_ms: connections.took(tx, number, n, d, w, t))
        said.append(f"{path.name}: {words}")
        if len(said) == FILES:
            break
    if failed:
        raise CsvProblem(" ".join(said)[:900])
    return " ".join(said) or "Nothing new."


def _mapping(db: Database, connection: Connection, path: Path) -> tuple[dict[str, str], str]:
    """What the columns become: as chosen for this connection, else as last time, else as they look; and a remark.

    Agreements are left out: what they rest on is said by a person, file by file.
    """
    known = imports.remembered(db, imports.sniff(path, connection.brings))
    mapping = {name: connection.mapping.get(name, target) for name, target in known.items()}
    said = sorted(name for name, target in mapping.items() if target_of(target))
    if not said:
        return mapping, ""
    left_out = f" Left out: {', '.join(said)}. Import agreements by hand and say what they rest on."
    return {name: "" if name in said else target for name, target in mapping.items()}, left_out


def _sentence(run: ImportRun) -> str:
    if run.kind == "events":
        return f"{counted(run.rows, 'row')}: {run.created} new, {run.unchanged} known, {run.bad} left out."
    return (
        f"{counted(run.rows, 'row')}: {run.created} new, {run.changed} changed, {run.unchanged} as before, "
        f"{run.bad} left out."
    )


def _still_written(changed_ns: int) -> bool:
    return 0 <= time_ns() - changed_ns < SETTLED_MS * 1_000_000


def _inside(path: Path, home: Path) -> bool:
    return path.resolve().is_relative_to(home.resolve())
