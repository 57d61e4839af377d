"""Rows of a file in chunks, always cut the same way, so that an interrupted run knows which it has behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .csv_events import EventReader
from .csv_file import Record
from .csv_rows import Bad, Held, Reader, Row
from .envelope import Message
from .repeats import Repeats

CHUNK = 2_000  # rows in one transaction


@dataclass(slots=True)
class Chunk:
    """Part of a file: contacts or events, the rows that are neither, and remarks on rows that were kept."""

    rows: list[Row] = field(default_factory=list)
    events: list[Message] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    notes: list[Bad] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows or groups of rows."""
        return len(self.rows) + len(self.events) + len(self.bad)

    @property
    def stands_for(self) -> int:
        """How many rows of the file."""
        return sum(row.counts_as for row in self.rows) + len(self.events) + len(self.bad)


def contact_chunks(records: Iterable[Record], reader: Reader, repeats: Repeats) -> Iterator[Chunk]:
    """Contacts; those that come more than once are put together and stand at the end."""
    held = Held()
    chunk = Chunk()
    for record in records:
        row = reader.read(record)
        if isinstance(row, Bad):
            chunk.bad.append(row)
        elif repeats and record.cells and repeats.repeated(reader.keys(record.cells)):
            held.hold(row)
        else:
            chunk.rows.append(row)
        if chunk.size >= CHUNK:
            yield chunk
            chunk = Chunk()
    for row in held.all():
        chunk.rows.append(row)
        if row.counts_as > 1:
            words = f"The contact stands in {row.counts_as} rows; they were put together, the last one wins."
            chunk.notes.append(Bad(row.line, words, row.raw))
        if chunk.size >= CHUNK:
            yield chunk
            chunk = Chunk()
    if chunk.size:
        yield chunk


def event_chunks(records: Iterable[Record], reader: EventReader) -> Iterator[Chunk]:
    """Events, in the order of the file."""
    chunk = Chunk()
    for record in records:
        row = reader.read(record)
        if isinstance(row, Bad):
            chunk.bad.append(row)
        else:
            chunk.events.append(row)
        if chunk.size >= CHUNK:
            yield chunk
            chunk = Chunk()
    if chunk.size:
        yield chunk
