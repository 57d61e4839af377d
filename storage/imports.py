"""Queries about imports: begun, going on, gone on with, ended, and the lines they left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import col, select

from .columns import dump, load
from .contacts import ImportRun
from .database import Row, Tx


class AnotherRuns(Exception):
    """This file is being taken in by somebody else at this moment: wait until they are done."""


class Begun(NamedTuple):
    """What a run is about."""

    file_name: str
    digest: str
    mapping: Mapping[str, str]
    actor: str
    kind: str = "contacts"
    shape: str = ""


def begin(tx: Tx, what: Begun, now_ms: int) -> tuple[int, int]:
    """A run and the rows it has behind it: the one of the same file that never ended goes on, else a new one."""
    text = dump(dict(what.mapping))
    for run, mapping, position in tx.rows(
        "SELECT id, mapping, position FROM import_runs WHERE digest = ? AND kind = ? AND status <> 'done'"
        " ORDER BY id DESC LIMIT 1",
        (what.digest, what.kind),
    ):
        if dump(load(mapping)) == text:
            tx.run("UPDATE import_runs SET status = 'running', finished_at = NULL WHERE id = ?", (run,))
            return run, position
    tx.run(
        "UPDATE import_runs SET status = 'failed', finished_at = ?"
        " WHERE digest = ? AND kind = ? AND status = 'running'",
        (now_ms, what.digest, what.kind),
    )
    run = tx.value(
        "INSERT INTO import_runs (file_name, digest, mapping, kind, shape, position, rows, created, changed, unchanged,"
        " bad, status, actor, started_at) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 'running', ?, ?) RETURNING id",
        (what.file_name, what.digest, text, what.kind, what.shape, what.actor, now_ms),
    )
    return run, 0


def move_on(tx: Tx, run_id: int, start: int, end: int) -> None:
    """The rows between are written in this transaction. Raises `AnotherRuns` when somebody else did that."""
    moved = tx.run("UPDATE import_runs SET position = ? WHERE id = ? AND position = ?", (end, run_id, start))
    if moved.rowcount != 1:
        raise AnotherRuns(AnotherRuns.__doc__)


def last_mapping(tx: Tx, shape: str) -> dict[str, str]:
    """What the columns of a file of this shape became the last time; empty when there was none."""
    sql = "SELECT mapping FROM import_runs WHERE shape = ? AND status = 'done' ORDER BY id DESC LIMIT 1"
    row = tx.one(sql, (shape,))
    return {} if row is None else load(row[0])


def add_up(tx: Tx, run_id: int, created: int, changed: int, unchanged: int, bad: int) -> None:
    """Count what one chunk did."""
    tx.run(
        "UPDATE import_runs SET rows = rows + ?, created = created + ?, changed = changed + ?, "
        "unchanged = unchanged + ?, bad = bad + ? WHERE id = ?",
        (created + changed + unchanged + bad, created, changed, unchanged, bad, run_id),
    )


def add_errors(tx: Tx, run_id: int, rows: Sequence[tuple[int, str, str]], most: int) -> None:
    """Keep ``(line, reason, raw)``, at most so many of one run."""
    if not rows:
        return
    there = tx.value("SELECT count(*) FROM import_errors WHERE run_id = ?", (run_id,))
    kept = rows[: max(0, most - there)]
    tx.insert("import_errors", "run_id,line,reason,raw", [(run_id, *row) for row in kept])


def end(tx: Tx, run_id: int, status: str, now_ms: int) -> None:
    """The run is over: done or failed."""
    tx.run("UPDATE import_runs SET status = ?, finished_at = ? WHERE id = ?", (status, now_ms, run_id))


def run_of(tx: Tx, run_id: int) -> ImportRun:
    """One run."""
    run = tx.session.get(ImportRun, run_id)
    assert run is not None
    return run


def runs(tx: Tx, limit: int = 50) -> list[ImportRun]:
    """The latest runs."""
    return list(tx.session.exec(select(ImportRun).order_by(col(ImportRun.id).desc()).limit(limit)))


def errors(tx: Tx, run_id: int, limit: int = 1_000) -> list[Row]:
    """``(line, reason, raw)`` of what a run left out or noted, by line."""
    return tx.rows(
        "SELECT line, reason, raw FROM import_errors WHERE run_id = ? ORDER BY line, id LIMIT ?", (run_id, limit)
    )
