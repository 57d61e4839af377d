"""Reading a CSV file as people make them: any usual encoding and delimiter, and no line lost to a broken one."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

MAX_FILE = 4_000_000_000  # bytes
MAX_LINE = 1_000_000  # characters
MAX_SPAN = 100  # lines of one row: a quote open for longer was never closed
DELIMITERS = ",;\t|"
SAMPLE = 262_144  # characters looked at to find the delimiter
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)  # spreadsheet programs write this first

# Bytes that stand for letters of Central European languages in Windows-1250, and of Western ones in Windows-1252.
CENTRAL = {0xEC: 3, 0x9D: 3, 0x8D: 3, 0x9A: 3, 0x8A: 3, 0x9E: 3, 0x8E: 3, 0xF9: 2, 0xEF: 2, 0xF2: 2, 0xBE: 2, 0xB9: 2}
CENTRAL |= {0xB3: 2, 0x9C: 2, 0xBF: 2, 0xE8: 1, 0xF8: 1, 0xC8: 1, 0xD8: 1, 0xE1: 1, 0xED: 1, 0xFD: 1}
WESTERN = {0xF1: 4, 0xE0: 3, 0xEA: 3, 0xE5: 3, 0xE6: 3, 0xE3: 3, 0xE7: 3, 0xEE: 1, 0xFB: 1, 0xE8: 1, 0xF8: 1}


class CsvProblem(Exception):
    """The file cannot be read as CSV; the message says what to do."""


class Record(NamedTuple):
    """One row: the physical line it starts on, its cells or (None) the problem with it, and its text."""

    line: int
    cells: list[str] | None
    problem: str
    raw: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. ``skip`` lines stand before the table."""

    encoding: str
    delimiter: str
    skip: int = 0


def dialect_of(path: Path) -> Dialect:
    """Find out how a file is written; raises `CsvProblem` for what is no CSV file at all."""
    size = path.stat().st_size
    if size == 0:
        raise CsvProblem("The file is empty.")
    if size > MAX_FILE:
        raise CsvProblem(f"The file has {size // 1_000_000} MB; at most {MAX_FILE // 1_000_000} are read: split it.")
    encoding = _encoding(path)
    with _open(path, encoding) as file:
        sample = file.read(SAMPLE)
    if sample.count("\0") > max(64, len(sample) / 20):
        raise CsvProblem("This is no text file. Save the table as CSV and import that.")
    separator = SEPARATOR_LINE.match(sample)
    if separator:
        return Dialect(encoding, separator[1], 1)
    return Dialect(encoding, _delimiter(sample))


def records(path: Path, dialect: Dialect) -> Iterator[Record]:
    """Every row of the file, broken ones with their problem. Empty lines are passed over."""
    with _open(path, dialect.encoding) as file:
        lines = _lines(file)
        for _ in range(dialect.skip):
            next(lines, None)
        yield from _rows(lines, dialect.delimiter, dialect.skip + 1)


def _rows(lines: Iterator[str], delimiter: str, first_line: int) -> Iterator[Record]:
    source = _Source(lines, first_line)
    while True:
        reader = csv.reader(source.feed(), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                line, raw = source.take()
                if not any(cells):
                    continue
                if "\0" in raw:
                    yield Record(line, None, "The row has a NUL character, which no database can keep.", raw)
                elif "\ufffd" in raw:
                    yield Record(line, None, "The row has bytes that are no letters in this file's encoding.", raw)
                else:
                    yield Record(line, cells, "", raw)
            return
        except csv.Error as error:
            line, raw, span = source.give_back()
            yield Record(line, None, _sentence(str(error), span), raw)


class _Source:
    """Lines for the reader, remembered until their row is complete, so that a broken row costs one line only."""

    def __init__(self, lines: Iterator[str], first_line: int) -> None:
        self._lines = lines
        self._line = first_line
        self._again: list[str] = []  # in reverse
        self._taken: list[str] = []

    def feed(self) -> Iterator[str]:
        while True:
            text = self._again.pop() if self._again else next(self._lines, None)
            if text is None:
                return
            self._taken.append(text)
            if len(self._taken) > MAX_SPAN:
                raise csv.Error("unexpected end of data")
            if len(text) >= MAX_LINE:
                raise csv.Error("line too long")
            yield text

    def take(self) -> tuple[int, str]:
        """The complete row's first line number and text."""
        line, raw = self._line, "".join(self._taken)
        self._line += len(self._taken)
        self._taken.clear()
        return line, raw

    def give_back(self) -> tuple[int, str, int]:
        """The broken row's first line, and how many were read; those after the first are read again."""
        line, raw, span = self._line, self._taken[0], len(self._taken)
        self._again += reversed(self._taken[1:])
        self._line += 1
        self._taken.clear()
        return line, raw, span


def _lines(file: IO[str]) -> Iterator[str]:
    while text := file.readline(MAX_LINE):
        yield text
        while len(text) >= MAX_LINE and not text.endswith("\n"):  # the rest of it, which nobody will read
            text = file.readline(MAX_LINE)


def _sentence(error: str, span: int) -> str:
    if "expected after" in error and span == 1:
        return "A quoted cell goes on after its closing quote: write a quote inside a cell twice."
    if "end of data" in error or "expected after" in error:
        return "A quote is opened in this row and never closed."
    if "field larger" in error or "too long" in error:
        return "The row has a cell that is far too long."
    return f"The row cannot be read as CSV: {error}."


def _open(path: Path, encoding: str) -> IO[str]:
    return path.open(encoding=encoding, errors="replace", newline="")


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4_096)
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise CsvProblem("This is a spreadsheet workbook. Save the sheet as CSV and import that.")
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if start.startswith(mark):
                return name
        half = max(len(start) // 2, 1)
        if start[1::2].count(0) > half * 0.7:
            return "utf-16-le"
        if start[0::2].count(0) > half * 0.7:
            return "utf-16-be"
        file.seek(0)
        return _eight_bits(iter(lambda: file.read(1 << 20), b""))


def _eight_bits(chunks: Iterable[bytes]) -> str:
    """UTF-8 if most of what is not ASCII reads as such; otherwise whichever code page fits the letters."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = letters = 0
    central, western = 0, 0
    for chunk in chunks:
        if chunk.isascii():
            decoder.decode(chunk)
            continue
        text = decoder.decode(chunk)
        bad = text.count("\ufffd")
        broken += bad
        letters += len(text) - len(text.encode("ascii", "ignore")) - bad
        central += sum(chunk.count(byte) * weight for byte, weight in CENTRAL.items())
        western += sum(chunk.count(byte) * weight for byte, weight in WESTERN.items())
    if not broken or letters >= broken * 10:
        return "utf-8"
    return "cp1250" if central >= western else "cp1252"


def _delimiter(sample: str) -> str:
    """The one that cuts most rows into the same number of cells, and into more than one."""
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and len(sample) >= SAMPLE:
        lines.pop()  # it may be cut
    best, score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        few = islice(_rows(iter(lines), delimiter, 1), 100)
        widths = Counter(len(record.cells) for record in few if record.cells)
        if not widths:
            continue
        width, often = widths.most_common(1)[0]
        if width > 1 and (often / widths.total(), width) > score:
            best, score = delimiter, (often / widths.total(), width)
    return best
