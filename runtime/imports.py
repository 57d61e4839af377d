"""Contacts or events from a CSV or Parquet file: looked at first, then taken in by chunks, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

from ..storage import imports
from ..storage.contacts import ImportRun
from ..storage.database import Database
from . import parquet
from .clock import Clock
from .consent_words import NoBasis, target_of
from .csv_columns import Column, columns_of
from .csv_events import EventReader
from .csv_file import CsvProblem, Dialect, Record, dialect_of, records
from .csv_rows import Reader
from .import_chunks import Chunk, contact_chunks, event_chunks
from .import_writes import Writer
from .repeats import Repeats

LOOK = 1_000  # rows the types of columns are read from
SHOWN = 20  # rows in a preview
MAX_COLUMNS = 300
KINDS = {"contacts": "Contacts", "events": "Events"}

Progress = Callable[[int, int], None]


class MissingMapping(CsvProblem):
    """No column is known to be the e-mail address or the user id: say which column is."""


class MissingEvent(CsvProblem):
    """No column is known to be the name of the event or its time: say which columns are, or name the event of all."""


class WrongMapping(CsvProblem):
    """The mapping names a column the file does not have, or gives two columns the same meaning."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read. ``rows`` are the first ones as they stand; ``header`` says that names stand first."""

    path: Path
    dialect: Dialect
    header: bool
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "contacts"

    @property
    def mapping(self) -> dict[str, str]:
        """What each column becomes, as guessed: email, external_id, phone, or the name of a property."""
        return {column.name: column.target for column in self.columns}

    @property
    def shape(self) -> str:
        """A digest of the columns' names: files that are made alike have the same, and share a mapping."""
        names = "\x1f".join(column.name for column in self.columns)
        return sha256(f"{self.kind}\x1e{names}".encode()).hexdigest()[:32]


def sniff(path: Path, kind: str = "contacts") -> Preview:
    """Look at a file: encoding, delimiter, columns, types, first rows. Raises `CsvProblem` when it is no table."""
    if parquet.is_parquet(path):
        path = parquet.as_csv(path)
    dialect = dialect_of(path)
    first = list(islice(records(path, dialect), LOOK))
    if not first:
        raise CsvProblem("The file has no rows.")
    if first[0].cells is None:
        raise CsvProblem(f"Line {first[0].line}, the first row, cannot be read. {first[0].problem}")
    width = len(first[0].cells)
    if width > MAX_COLUMNS:
        raise CsvProblem(f"The file has {width} columns; at most {MAX_COLUMNS} are read.")
    rows = [record.cells for record in first if record.cells is not None and len(record.cells) == width]
    columns, header = columns_of(rows, kind)
    body = rows[1:] if header else rows
    return Preview(path, dialect, header, tuple(columns), tuple(tuple(row) for row in body[:SHOWN]), kind)


def remembered(db: Database, preview: Preview) -> dict[str, str]:
    """What the columns became when a file of this shape was last taken in, else what they look like."""
    kept = db.look(lambda tx: imports.last_mapping(tx, preview.shape))
    return {name: kept.get(name, target) if kept else target for name, target in preview.mapping.items()}


def run(
    db: Database,
    path: Path,
    mapping: Mapping[str, str] | None,
    clock: Clock,
    actor: str,
    progress: Progress | None = None,
    *,
    kind: str = "contacts",
    event: str = "",
    name: str = "",
    basis: str = "",
) -> ImportRun:
    """Take in a file. ``mapping`` (None: as last time for such a file, else as guessed) says what columns become; ""
    leaves one out. ``event`` names every row's event where no column does; ``name`` is the file's, as people know it;
    ``basis`` is what the consents in it rest on: columns that become ``consent.email.newsletter`` need it.

    rows = created + changed + unchanged + bad, and the first bad rows stand in ``import_errors``. How far it came is
    kept with every chunk, so one that was interrupted goes on where it stood; the same file again changes nothing.
    """
    preview = sniff(path, kind)
    columns = _mapped(preview, remembered(db, preview) if mapping is None else mapping, event)
    if not basis.strip() and any(target_of(column.target) for column in columns):
        raise NoBasis(NoBasis.__doc__)
    chosen = {column.name: column.target for column in columns}
    digest = _digest(preview.path, event)
    begun = imports.Begun(name or path.name, digest, chosen, actor, kind, preview.shape)
    run_id, position = db.write(lambda tx: imports.begin(tx, begun, clock.now_ms()))
    writer = Writer(db, clock, run_id, position, actor, basis)
    total, chunks = _chunks(preview, columns, event, clock.now_ms())
    done = 0
    try:
        for chunk in chunks:
            done += writer.write(chunk)
            if progress is not None:
                progress(done, total)
    except BaseException:
        db.write(lambda tx: imports.end(tx, run_id, "failed", clock.now_ms()))
        raise
    finally:
        parquet.let_go(preview.path)
    db.write(lambda tx: imports.end(tx, run_id, "done", clock.now_ms()), durable=True)
    return db.look(lambda tx: imports.run_of(tx, run_id))


def _chunks(preview: Preview, columns: list[Column], event: str, now_ms: int) -> tuple[int, Iterator[Chunk]]:
    """How many rows there are, and they themselves."""
    if preview.kind == "events":
        total = sum(1 for _ in _body(preview))
        return total, event_chunks(_body(preview), EventReader(columns, event, now_ms))
    reader, repeats, total = Reader(columns), Repeats(), 0
    for record in _body(preview):
        total += 1
        if record.cells is not None:
            repeats.add(reader.keys(record.cells))
    repeats.done()
    return total, contact_chunks(_body(preview), reader, repeats)


def _body(preview: Preview) -> Iterator[Record]:
    rows = records(preview.path, preview.dialect)
    return islice(rows, 1, None) if preview.header else rows


def _mapped(preview: Preview, chosen: Mapping[str, str], event: str) -> list[Column]:
    names = [column.name for column in preview.columns]
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise WrongMapping(f"The file has no column {unknown[0]!r}; its columns are {', '.join(names)}.")
    columns = [replace(column, target=chosen.get(column.name, "")) for column in preview.columns]
    targets = [column.target for column in columns if column.target]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise WrongMapping(f"Two columns would become {twice[0]!r}: map one of them to another name, or to nothing.")
    if not {"email", "external_id"} & {*targets} and not (preview.kind == "events" and "anonymous_id" in targets):
        raise MissingMapping(MissingMapping.__doc__)
    if preview.kind == "events" and ("at" not in targets or not (event or "event" in targets)):
        raise MissingEvent(MissingEvent.__doc__)
    return columns


def _digest(path: Path, event: str) -> str:
    digest = sha256(event.encode())
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
