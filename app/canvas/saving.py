"""Keeps what is drawn: the draft is written a moment after each change, and at once when somebody leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from ...runtime.clock import Clock
from ...runtime.governance import drafts
from ...storage import settings
from ...storage.database import Database, Tx
from .heard import Heard

PAUSE_S = 0.25  # changes this close are written together
AGAIN_S = 2.0  # after a write that failed

log = logging.getLogger("sojourn.canvas")


class Draft:
    """The stored side of an open journey. ``saved`` is False from a change until it is committed."""

    def __init__(self, db: Database, clock: Clock, name: str) -> None:
        self.name = name
        self.saved = True
        self.failed = False
        self.tell: Callable[[], None] = lambda: None  # the room wants to know when ``saved`` turns
        self.heard = Heard()  # written with the draft, so that what is asked again after a crash is known to be in it
        self._db, self._clock = db, clock
        self._content: dict[str, Any] | None = None  # waits to be written
        self._hands: set[str] = set()  # whose changes wait
        self._at_work: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def keep(self, content: dict[str, Any], actor: str) -> None:
        """This is the draft now; it is written soon."""
        self._content = content
        self._hands.add(actor)
        self._turn(False)
        if self._at_work is None or self._at_work.done():
            try:
                self._at_work = asyncio.get_running_loop().create_task(self._work())
            except RuntimeError:
                return  # no loop: whoever opened the room without one calls `flush`

    def hurry(self) -> None:
        """Write what waits without the usual pause."""
        self._hurry.set()

    async def settle(self) -> None:
        """Return once everything drawn so far is committed."""
        while not self.saved:
            self.hurry()
            if self._at_work is None or self._at_work.done():
                await asyncio.to_thread(self.flush)
            else:
                await asyncio.wait({self._at_work}, timeout=PAUSE_S)

    def flush(self) -> None:
        """Write what waits, now. For a stop, and for those without an event loop."""
        content = self._content
        if content is None:
            return
        self._db.write(self._job(content))
        self._written(content)

    async def _work(self) -> None:
        while (content := self._content) is not None:
            if not self._hurry.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), PAUSE_S)
            self._hurry.clear()
            content = self._content or content
            try:
                await self._db.awrite(self._job(content))
            except Exception:
                log.exception("the draft of %s could not be written; it is tried again", self.name)
                self.failed = True
                self.tell()
                await asyncio.sleep(AGAIN_S)
                continue
            self._written(content)

    def _job(self, content: dict[str, Any]) -> Callable[[Tx], None]:
        return partial(
            _keep, content=content, actors=sorted(self._hands), marks=self.heard.marks(), now_ms=self._clock.now_ms()
        )

    def _written(self, content: dict[str, Any]) -> None:
        self.failed = False
        if self._content is content:
            self._content = None
            self._hands.clear()
            self._turn(True)

    def _turn(self, saved: bool) -> None:
        if self.saved != saved:
            self.saved = saved
            self.tell()


def heard_of(tx: Tx, name: str) -> Heard:
    """What had been heard when the draft was last written."""
    marks = settings.fetch(tx, _MARKS + name)
    return Heard(marks if isinstance(marks, dict) else None)


_MARKS = "canvas.heard."


def _keep(tx: Tx, content: dict[str, Any], actors: list[str], marks: dict[str, int], now_ms: int) -> None:
    drafts.keep(tx, content, actors, now_ms)
    if marks:
        settings.store(tx, _MARKS + content["name"], marks)
