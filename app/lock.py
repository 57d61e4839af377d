"""One running process per home folder, and how other commands find it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FILE = "run.lock"


class AlreadyRunning(Exception):
    """This home folder is already in use by a running Sojourn."""


@dataclass(frozen=True, slots=True)
class Running:
    """The process that holds a home folder: ``token`` opens its control door."""

    pid: int
    what: str  # the command, like "serve"
    port: int  # 0: it has no door
    token: str
    host: str = "127.0.0.1"


class HomeLock:
    """Held while a process runs the instance. The system lets go of it when the process dies, however it dies."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._file: int | None = None
        self._running: Running | None = None

    def take(self, what: str) -> Running:
        """Take the home folder for this process and say what it does. Raises AlreadyRunning with who has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(file):
            os.close(file)
            raise AlreadyRunning(_already(self._path))
        self._file = file
        self._running = Running(os.getpid(), what, 0, secrets.token_urlsafe(32))
        return self._write()

    def tell(self, port: int, host: str) -> Running:
        """Say where this process can be reached."""
        assert self._running
        self._running = replace(self._running, port=port, host=host)
        return self._write()

    def release(self) -> None:
        """Let go of the home folder."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def _write(self) -> Running:
        assert self._file is not None and self._running
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(asdict(self._running)).encode(), 0)
        return self._running


def running(home: Path) -> Running | None:
    """Who runs the instance in ``home`` now; None when nobody does."""
    try:
        file = os.open(home / FILE, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        if _lock(file):
            return None
    finally:
        os.close(file)
    with contextlib.suppress(ValueError, TypeError):
        return Running(**json.loads((home / FILE).read_text()))
    return None


def _already(path: Path) -> str:
    try:
        held = Running(**json.loads(path.read_text()))
    except (ValueError, TypeError, OSError):
        return f"{path.parent} is already in use by another Sojourn: stop that one first."
    where = f" on port {held.port}" if held.port else ""
    return (
        f"`sojourn {held.what}` already runs{where} with {path.parent} (process {held.pid}): "
        "stop it first, or use another --home."
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        """Try to lock a byte far behind the text, which Windows would otherwise keep others from reading."""
        os.lseek(file, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
