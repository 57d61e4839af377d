"""Contacts from a CSV file: looked at first, then taken in by chunks, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from ..storage import imports
from ..storage.contacts import ImportRun
from ..storage.database import Database, Tx
from .clock import Clock
from .csv_columns import Column, columns_of
from .csv_file import CsvProblem, Dialect, Record, dialect_of, records
from .csv_rows import Bad, Held, Reader, Row
from .identity import Claim, People, Person

CHUNK = 2_000  # rows in one transaction
LOOK = 1_000  # rows the types of columns are read from
SHOWN = 20  # rows in a preview
MAX_COLUMNS = 300

Progress = Callable[[int, int], None]


class MissingMapping(CsvProblem):
    """No column is known to be the e-mail address or the user id: say which column is."""


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

    @property
    def mapping(self) -> dict[str, str]:
        """What each column becomes, as guessed: email, external_id, phone, or the name of a property."""
        return {column.name: column.target for column in self.columns}


@dataclass(slots=True)
class _Chunk:
    rows: list[Row] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    notes: list[Bad] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.rows) + len(self.bad)


def sniff(path: Path) -> Preview:
    """Look at a file: encoding, delimiter, columns, types, first rows. Raises `CsvProblem` when it is no table."""
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
    columns, header = columns_of(rows)
    body = rows[1:] if header else rows
    return Preview(path, dialect, header, tuple(columns), tuple(tuple(row) for row in body[:SHOWN]))


def run(
    db: Database,
    path: Path,
    mapping: Mapping[str, str] | None,
    clock: Clock,
    actor: str,
    progress: Progress | None = None,
) -> ImportRun:
    """Take in a file. ``mapping`` (None: as guessed) says what columns become; "" leaves one out.

    rows = created + changed + unchanged + bad, and bad rows stand in ``import_errors``. The same file again changes
    nothing; one that was interrupted is simply run again. ``progress`` is told rows done and rows in all.
    """
    preview = sniff(path)
    columns = _mapped(preview, mapping)
    reader = Reader(columns)
    total, repeated = _look_through(preview, reader)
    chosen = {column.name: column.target for column in columns}
    run_id = db.write(lambda tx: imports.begin(tx, path.name, _digest(path), chosen, actor, clock.now_ms()))
    done = 0
    try:
        for chunk in _chunks(preview, reader, repeated):
            db.write(lambda tx, chunk=chunk: _take_in(tx, run_id, chunk, clock.now_ms()))
            done += sum(row.counts_as for row in chunk.rows) + len(chunk.bad)
            if progress is not None:
                progress(done, total)
    except BaseException:
        db.write(lambda tx: imports.end(tx, run_id, "failed", clock.now_ms()))
        raise
    db.write(lambda tx: imports.end(tx, run_id, "done", clock.now_ms()), durable=True)
    return db.look(lambda tx: imports.run_of(tx, run_id))


def _take_in(tx: Tx, run_id: int, chunk: _Chunk, now_ms: int) -> None:
    people = People(tx, now_ms)
    claims = [Claim(row.external_id, None, row.email) for row in chunk.rows]
    people.find(claims)
    notes: list[tuple[int, str, str]] = [(line, f"Note: {reason}", raw) for line, reason, raw in chunk.notes]
    created = changed = unchanged = 0
    touched: set[Person] = set()
    for row, claim in zip(chunk.rows, claims, strict=True):
        person = people.who(claim)
        notes += [(row.line, f"Note: {note}", row.raw) for note in people.set(person, row.traits)]
        if person.id == 0 and person not in touched:
            created += 1
        elif person.changed:
            changed += 1
        else:
            unchanged += 1
        unchanged += row.counts_as - 1
        if person.changed or person.id == 0:
            touched.add(person)
            person.changed = False
    for person in touched:
        person.changed = True
    people.save()
    imports.add_errors(tx, run_id, [*chunk.bad, *notes])
    imports.add_up(tx, run_id, created, changed, unchanged, len(chunk.bad))


def _chunks(preview: Preview, reader: Reader, repeated: set[int]) -> Iterator[_Chunk]:
    held = Held()
    chunk = _Chunk()
    for record in _body(preview):
        row = reader.read(record)
        if isinstance(row, Bad):
            chunk.bad.append(row)
        elif repeated and record.cells and not repeated.isdisjoint(reader.keys(record.cells)):
            held.hold(row)
        else:
            chunk.rows.append(row)
        if chunk.size >= CHUNK:
            yield chunk
            chunk = _Chunk()
    for row in held.all():
        chunk.rows.append(row)
        if row.counts_as > 1:
            words = f"The contact stands in {row.counts_as} rows; they were put together, the last one wins."
            chunk.notes.append(Bad(row.line, words, row.raw))
        if chunk.size >= CHUNK:
            yield chunk
            chunk = _Chunk()
    if chunk.size:
        yield chunk


def _body(preview: Preview) -> Iterator[Record]:
    rows = records(preview.path, preview.dialect)
    return islice(rows, 1, None) if preview.header else rows


def _look_through(preview: Preview, reader: Reader) -> tuple[int, set[int]]:
    """How many rows there are, and the keys that come more than once."""
    seen: set[int] = set()
    repeated: set[int] = set()
    total = 0
    for record in _body(preview):
        total += 1
        if record.cells is not None:
            for key in reader.keys(record.cells):
                (repeated if key in seen else seen).add(key)
    return total, repeated


def _mapped(preview: Preview, mapping: Mapping[str, str] | None) -> list[Column]:
    chosen = preview.mapping if mapping is None else mapping
    names = [column.name for column in preview.columns]
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise WrongMapping(f"The file has no column {unknown[0]!r}; its columns are {', '.join(names)}.")
    columns = [
        Column(column.name, chosen.get(column.name, ""), column.kind, column.samples) for column in preview.columns
    ]
    targets = [column.target for column in columns if column.target]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise WrongMapping(f"Two columns would become {twice[0]!r}: map one of them to another name, or to nothing.")
    if "email" not in targets and "external_id" not in targets:
        raise MissingMapping(MissingMapping.__doc__)
    return columns


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
