"""Contacts and events as CSV or Parquet: read page by page, so that any number of them fits."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ...storage import exports
from ...storage.columns import load
from ...storage.database import Database, Row
from .. import parquet

PAGE = 5_000
MOST_COLUMNS = 300
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
HARMLESS = re.compile(r"[+-]?[0-9][0-9 ().,/-]*")  # a phone number or a number is no formula

Rows = Iterator[list[Any]]
Progress = Callable[[int], None]


def contacts(db: Database, among: Sequence[int] | None = None) -> Rows:
    """A head line, then one line a contact, of all or of some; the columns are those an import reads again."""
    names = db.look(lambda tx: exports.contact_property_names(tx, MOST_COLUMNS))
    yield ["external_id", "email", "phone", "created_at", *(_free(name) for name in names)]
    for page in _everybody(db) if among is None else _some(db, among):
        for row in page:
            properties = load(row[6])
            yield [row[1], row[2], row[3], _iso(row[4]), *(properties.get(name) for name in names)]


def _everybody(db: Database) -> Iterator[list[Row]]:
    after = 0
    while page := db.look(lambda tx, after=after: exports.contacts_after(tx, after, PAGE)):
        yield page
        after = page[-1][0]


def _some(db: Database, among: Sequence[int]) -> Iterator[list[Row]]:
    for start in range(0, len(among), PAGE):
        yield db.look(lambda tx, start=start: exports.contacts_among(tx, among[start : start + PAGE]))


def events(db: Database, name: str | None = None, since_ms: int = 0) -> Rows:
    """A head line, then one line an event. Of one name each property has a column; of all they stand in one."""
    names = db.look(lambda tx: exports.event_property_names(tx, name, MOST_COLUMNS)) if name else []
    yield ["message_id", "external_id", "email", "event", "at", *(names if name else ["properties"])]
    after, page = 0, [()]
    while page:
        page = db.look(lambda tx, after=after: exports.events_after(tx, after, PAGE, name, since_ms))
        for row in page:
            properties = load(row[6])
            about = [properties.get(one) for one in names] if name else [properties]
            yield [f"event-{row[0]}", row[1], row[2], row[3], _iso(row[4]), *about]
        after = page[-1][0] if page else after


def as_csv(rows: Rows, progress: Progress | None = None) -> Iterator[bytes]:
    """CSV in pieces, in UTF-8 with a mark for spreadsheets; what they would take for a formula is made harmless."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows):
        writer.writerow([_cell(value) for value in row])
        if number % 1_000 == 999:
            yield _taken(text)
            if progress:
                progress(number)
    yield _taken(text)


def write(rows: Rows, target: Path, progress: Progress | None = None) -> None:
    """Write a file: Parquet when its name ends so, else CSV. Raises `parquet.NoParquet`, OSError."""
    if target.suffix.lower() != ".parquet":
        _write_csv(rows, target, progress)
        return
    parquet.check()
    with tempfile.TemporaryDirectory(prefix="sojourn-export-") as folder:
        between = Path(folder) / "rows.csv"
        _write_csv(rows, between, progress, harmless=False)
        parquet.from_csv(between, target)


def _write_csv(rows: Rows, target: Path, progress: Progress | None, harmless: bool = True) -> None:
    half = target.with_name(target.name + ".part")
    try:
        with half.open("wb") as file:
            if harmless:
                file.writelines(as_csv(rows, progress))
            else:
                _plainly(rows, file, progress)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _plainly(rows: Rows, file: Any, progress: Progress | None) -> None:
    """For programs, which know no formulas."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    for number, row in enumerate(rows):
        writer.writerow([_text(value) for value in row])
        if progress and number % 1_000 == 999:
            progress(number)
    text.detach()


def _cell(value: Any) -> str:
    text = _text(value)
    if text.startswith(FORMULA) and not isinstance(value, int | float) and not HARMLESS.fullmatch(text):
        return "'" + text
    return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return piece


def _free(name: str) -> str:
    """A property that is called like a column of ours keeps apart from it."""
    return f"property {name}" if name in ("external_id", "email", "phone", "created_at") else name


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
