"""MJML to HTML in a child process that is started when needed and again when it dies."""

from __future__ import annotations

import atexit
import re
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from .mjml_fixes import fixed, prepared

CHILD = Path(__file__).with_name("mjml_child.py")
SECONDS = 10  # one letter may take
PLACE = re.compile(r"\s*(?:at position|position)\s*(\d+)(?::\d+)?", re.I)


class MjmlProblem(Exception):
    """The MJML engine refused the letter. ``offset`` is where, in characters, when it said so."""

    def __init__(self, text: str, offset: int | None = None) -> None:
        super().__init__(text)
        self.offset = offset


class MjmlStopped(MjmlProblem):
    """The MJML engine died or took too long: it may do better when the machine has less to do."""


class _Engine:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def html(self, source: str) -> str:
        with self._lock:
            try:
                reply = self._ask(source.encode())
            except (OSError, EOFError, TimeoutError) as error:
                self.stop()
                why = "took too long" if isinstance(error, TimeoutError) else "stopped"
                raise MjmlStopped(f"The MJML engine {why} on this letter: make it simpler.") from error
        text = reply[1:].decode()
        if reply[:1] == b"+":
            return text
        place = PLACE.search(text)
        offset = len(source.encode()[: int(place[1])].decode(errors="ignore")) if place else None
        raise MjmlProblem(f"This is not MJML that can be read: {PLACE.sub('', text)}.", offset)

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()

    def _ask(self, source: bytes) -> bytes:
        if self._child is None or self._child.poll() is not None:
            self.stop()
            self._child = subprocess.Popen(  # noqa: S603  (our own file)
                [sys.executable, "-I", str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        child = self._child
        assert child.stdin is not None
        view = memoryview(struct.pack(">I", len(source)) + source)
        while view:
            view = view[child.stdin.write(view) :]
        deadline = time.monotonic() + SECONDS
        return self._read(struct.unpack(">I", self._read(4, deadline))[0], deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._child is not None and self._child.stdout is not None
        got = bytearray()
        while len(got) < size:
            if not select.select([self._child.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            piece = self._child.stdout.read(size - len(got))
            if not piece:
                raise EOFError
            got += piece
        return bytes(got)


_engine = _Engine()
atexit.register(_engine.stop)


def to_html(source: str) -> str:
    """HTML of an MJML document. Raises `MjmlProblem`."""
    return fixed(_engine.html(prepared(source)))
