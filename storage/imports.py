"""Queries about imports of contacts: begun, going on, ended, and the lines they left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .columns import dump
from .contacts import ImportRun
from .database import Row, Tx


def begin(tx: Tx, file_name: str, digest: str, mapping: Mapping[str, str], actor: str, now_ms: int) -> int:
    """A new run; one of the same file that never ended was interrupted."""
    tx.run(
        "UPDATE import_runs SET status = 'failed', finished_at = ? WHERE digest = ? AND status = 'running'",
        (now_ms, digest),
    )
    return tx.value(
        "INSERT INTO import_runs "
        "(file_name, digest, mapping, rows, created, changed, unchanged, bad, status, actor, started_at) "
        "VALUES (?, ?, ?, 0, 0, 0, 0, 0, 'running', ?, ?) RETURNING id",
        (file_name, digest, dump(dict(mapping)), actor, now_ms),
    )


def add_up(tx: Tx, run_id: int, created: int, changed: int, unchanged: int, bad: int) -> None:
    """Count what one chunk did."""
    tx.run(
        "UPDATE import_runs SET rows = rows + ?, created = created + ?, changed = changed + ?, "
        "unchanged = unchanged + ?, bad = bad + ? WHERE id = ?",
        (created + changed + unchanged + bad, created, changed, unchanged, bad, run_id),
    )


def add_errors(tx: Tx, run_id: int, rows: Sequence[tuple[int, str, str]]) -> None:
    """Keep ``(line, reason, raw)``."""
    tx.insert("import_errors", "run_id,line,reason,raw", [(run_id, *row) for row in rows])


def end(tx: Tx, run_id: int, status: str, now_ms: int) -> None:
    """The run is over: done or failed."""
    tx.run("UPDATE import_runs SET status = ?, finished_at = ? WHERE id = ?", (status, now_ms, run_id))


def run_of(tx: Tx, run_id: int) -> ImportRun:
    """One run."""
    run = tx.session.get(ImportRun, run_id)
    assert run is not None
    return run


def errors(tx: Tx, run_id: int, limit: int = 1_000) -> list[Row]:
    """``(line, reason, raw)`` of what a run left out or noted, by line."""
    return tx.rows(
        "SELECT line, reason, raw FROM import_errors WHERE run_id = ? ORDER BY line, id LIMIT ?", (run_id, limit)
    )
