"""What the letters of a folder say in their heads, read once each: lists and searches do not open files again."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

PARTS = ("new", "cur")
LISTED = 10_000  # letters of one folder; older ones are not listed
HEAD = 200_000  # bytes; a head larger than that is cut
FOLDERS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A letter in a list."""

    key: str
    subject: str
    from_: str
    to: str
    at: datetime


class LetterIndex:
    """The heads of one Maildir, newest first. Any thread may ask; a file is read when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._names: set[tuple[str, str]] = set()
        self._paths: dict[str, Path] = {}  # by key, newest first
        self._read: dict[str, tuple[str, Line]] = {}  # by key: what is searched in, and the line

    def find(self, query: str = "", limit: int = 100) -> list[Line]:
        """The newest letters whose subject, sender or receiver has ``query`` in it."""
        wanted, found = query.casefold(), []
        for key, path in self.paths().items():
            known = self._read.get(key) or self._learn(key, path)
            if known and wanted in known[0]:
                found.append(known[1])
                if len(found) >= limit:
                    break
        return found

    def paths(self) -> dict[str, Path]:
        """Where each letter is now. Costs a listing of the folder, and a sort when something came or went."""
        names = {(part, name) for part in PARTS for name in _listed(self._folder / part)}
        with self._lock:
            if names != self._names:
                newest = sorted(names, key=lambda one: order(one[1]), reverse=True)[:LISTED]
                self._names = names
                self._paths = {name.partition(":")[0]: self._folder / part / name for part, name in newest}
                self._read = {key: known for key, known in self._read.items() if key in self._paths}
            return self._paths

    def _learn(self, key: str, path: Path) -> tuple[str, Line] | None:
        try:
            line = read_line(path)
        except FileNotFoundError:
            return None
        known = f"{line.subject} {line.from_} {line.to}".casefold(), line
        with self._lock:
            if key in self._paths:
                self._read[key] = known
        return known


@lru_cache(maxsize=FOLDERS)
def index_of(folder: Path) -> LetterIndex:
    """The index of this folder, one in a process."""
    return LetterIndex(folder)


def order(name: str) -> tuple[int, int, int]:
    """A Maildir name tells when: seconds, microseconds, and a count of letters."""
    seconds, _, rest = name.partition(".")
    micros, _, count = rest.partition("Q")
    try:
        return int(seconds), int(micros[1:].partition("P")[0]), int(count.partition(".")[0])
    except ValueError:
        return 0, 0, 0


def read_line(path: Path) -> Line:
    """The head of one letter."""
    with path.open("rb") as file:
        head = BytesHeaderParser(policy=compat32).parsebytes(_head(file))
    try:
        at = parsedate_to_datetime(str(head["Date"])).astimezone(UTC)
    except (ValueError, TypeError):
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Line(path.name.partition(":")[0], _said(head["Subject"]), _said(head["From"]), _said(head["To"]), at)


def _said(value: Any) -> str:
    """A header as text. The newer policies take four times as long, and thousands are read for one search."""
    try:
        text = str(make_header(decode_header(value or "")))
    except (LookupError, UnicodeError, HeaderParseError):
        text = str(value)
    return " ".join(text.split())


def _head(file: BinaryIO) -> bytes:
    """Up to the empty line: the body of a letter is large and says nothing here."""
    lines, size = [], 0
    for line in file:
        size += len(line)
        if not line.strip() or size > HEAD:
            break
        lines.append(line)
    return b"".join(lines)


def _listed(folder: Path) -> list[str]:
    with suppress(FileNotFoundError, NotADirectoryError):
        return [entry.name for entry in os.scandir(folder) if not entry.name.startswith(".")]
    return []
