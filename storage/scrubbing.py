"""Makes sure that what was deleted is gone from the files of the store too, and says so only after having looked."""

from __future__ import annotations

import mmap
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from .database import Database

WINDOW = 16 << 20  # bytes of a file looked at together
PATIENCE_S = 10.0  # how long readers are waited for
A_MOMENT_MS = 20  # of that at a time: whoever writes comes in between

_descriptors: dict[tuple[int, int], int] = {}
_opening = Lock()


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What it took. ``clean`` is what was seen in the end; None where the files are not ours to read (PostgreSQL)."""

    rewritten: bool
    clean: bool | None


def scrub(db: Database, words: Sequence[str], named: Callable[[], bool] = lambda: False) -> Scrubbed:
    """Make the files forget ``words``; call it when no row holds them any more.

    On SQLite the log is folded in and emptied, the files are read through, and the store is rewritten only when a
    word was still found. A word found even then stands in a row: in a longer one, unless ``named`` says otherwise.
    On PostgreSQL dead rows are vacuumed away; its own log and archives are its administrator's.
    """
    if db.postgres:
        db.outside(lambda driver: driver.execute("VACUUM"))
        return Scrubbed(True, None)
    file = Path(db.url.removeprefix("sqlite:///"))
    wanted = [word.lower().encode() for word in words if word]
    _empty_the_log(db)
    if not found_in(file, wanted):
        return Scrubbed(False, True)
    db.outside(lambda driver: driver.execute("VACUUM"))
    emptied = _empty_the_log(db)
    return Scrubbed(True, not found_in(file, wanted) or (emptied and not named()))


def found_in(file: Path, wanted: Sequence[bytes]) -> bool:
    """Whether one of these, in small letters, stands anywhere in a store's files, its log included."""
    log = [part for part in (Path(f"{file}-wal"), Path(f"{file}-journal")) if part.exists()]
    return _holds(_kept_open(file), wanted) or any(_read_and_closed(part, wanted) for part in log)


def _kept_open(file: Path) -> int:
    """A descriptor of a store that is never closed: POSIX would let go of all locks this process has on the file.

    Whoever closed the store in another process then took itself for the last one, and the log away from under us.
    """
    known = file.stat()
    with _opening:
        key = known.st_dev, known.st_ino
        if key not in _descriptors:
            _descriptors[key] = os.open(file, os.O_RDONLY)
        return _descriptors[key]


def _read_and_closed(part: Path, wanted: Sequence[bytes]) -> bool:
    with part.open("rb") as content:  # nobody locks a log by its own file
        return _holds(content.fileno(), wanted)


def _holds(descriptor: int, wanted: Sequence[bytes]) -> bool:
    kept, at = b"", 0
    while piece := os.pread(descriptor, WINDOW, at):
        at += len(piece)
        seen = kept + piece.lower()
        if any(word in seen for word in wanted):
            return True
        kept = seen[-max(map(len, wanted), default=1) :]
    return False


def names(file: Path, whole: str) -> bool:
    """Whether a text file has a place where this pattern fits, however it is capitalised."""
    with file.open("rb") as content:
        if not file.stat().st_size:
            return False
        with mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return re.search(whole.encode(), text, re.IGNORECASE) is not None


def _empty_the_log(db: Database) -> bool:
    """Fold the log into the store and cut it to nothing; whoever still reads an older state is waited for.

    The lock behind which everybody writes is held for a moment only at each try. False: somebody reads still.
    """

    def fold(driver: Any) -> int:
        patience = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute(f"PRAGMA busy_timeout={A_MOMENT_MS}")
        try:
            return driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            driver.execute(f"PRAGMA busy_timeout={patience}")

    until = time.monotonic() + PATIENCE_S
    while busy := db.outside(fold):
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return not busy
