"""Parquet in and out by way of CSV, so that one reader and one writer know everything. Needs the extra `parquet`."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from .csv_file import CsvProblem

MARK = b"PAR1"


class NoParquet(CsvProblem):
    """Parquet needs one more package: install it with `pip install "sojourn[parquet]"`, or use CSV."""


def is_parquet(path: Path) -> bool:
    """Whether a file begins like Parquet."""
    with path.open("rb") as file:
        return file.read(4) == MARK


def as_csv(path: Path) -> Path:
    """The same table as CSV, in a folder that goes with the process. Raises `CsvProblem`."""
    file = path.stat()
    target = folder() / f"{file.st_ino}-{file.st_size}-{file.st_mtime_ns}.csv"
    if target.exists():
        return target
    duck = _duck()
    half = target.with_suffix(".part")
    try:
        with duck.connect(config={"memory_limit": "256MB", "threads": 2}) as connection:
            columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            shown = ", ".join(_shown(name, kind) for name, kind, *_ in columns)
            table = connection.execute("SELECT 1 FROM read_parquet(?) LIMIT 1", [str(path)]).fetchone()
            if table is None:
                raise CsvProblem("The file has no rows.")
            connection.execute(
                f"COPY (SELECT {shown} FROM read_parquet({_text(str(path))})) TO {_text(str(half))}"  # noqa: S608
                " (FORMAT csv, HEADER true, FORCE_QUOTE *)"
            )
    except duck.Error as error:
        half.unlink(missing_ok=True)
        raise CsvProblem(f"The Parquet file cannot be read: {str(error).splitlines()[0][:200]}.") from None
    half.rename(target)
    return target


def let_go(path: Path) -> None:
    """Remove the table that stood in for a file, once it is taken in; a file of somebody else's stays."""
    if path.parent == folder():
        path.unlink(missing_ok=True)


def check() -> None:
    """Raise `NoParquet` before any work is done."""
    _duck()


def from_csv(source: Path, target: Path) -> None:
    """Write a CSV file of ours as Parquet; its columns get the types that stand in them. Raises `NoParquet`."""
    duck = _duck()
    with duck.connect(config={"memory_limit": "256MB", "threads": 2}) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv({_text(str(source))}, header = true, sample_size = 100000, quote = '\"',"  # noqa: S608
            f" escape = '\"', strict_mode = true)) TO {_text(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )


def _shown(name: str, kind: str) -> str:
    """A column as text: moments as ISO 8601, what is nested as JSON."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind.startswith("TIMESTAMP WITH"):
        return f"strftime({quoted} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS {quoted}"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({quoted}, '%Y-%m-%dT%H:%M:%S.%g') AS {quoted}"
    if kind.startswith(("STRUCT", "MAP")) or kind.endswith("]"):
        return f"to_json({quoted}) AS {quoted}"
    if kind == "BLOB":
        return f"NULL AS {quoted}"
    return quoted


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _duck() -> Any:
    try:
        import duckdb
    except ImportError:
        raise NoParquet(NoParquet.__doc__) from None
    return duckdb


@cache
def folder() -> Path:
    """Where tables stand as CSV while they are read."""
    made = Path(tempfile.mkdtemp(prefix="sojourn-parquet-"))
    atexit.register(shutil.rmtree, made, True)
    return made
