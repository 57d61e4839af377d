"""Looks at letters on their way into the store: many in one go, and nobody who clicked waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from starlette.requests import Request

from ..runtime.settings import Settings
from ..runtime.tracking.impersonal import impersonal
from ..runtime.tracking.readers import CLICK, judge, wants_no_tracking
from ..runtime.tracking.recording import Look, record
from ..storage.database import Tx
from .public import address_of

PATIENCE_S = 0.25  # a link leads on after this long even when the store is still busy
REMEMBERED_S = 1.0  # settings that were changed hold this much later
MOST = 10_000  # looks that wait; what comes then is not counted
SOME = 30_000  # the place of a link that does not know its own: letters of earlier releases, short addresses

log = logging.getLogger(__name__)
_known: WeakKeyDictionary[Any, Watching] = WeakKeyDictionary()


class Watching:
    """Judges who looks and writes it down behind their back. One for each instance."""

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._waiting: list[Look] = []
        self._called = False  # a job is on its way that will take what waits
        self._lock = Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._set: Settings | None = None
        self._set_until = 0.0

    @classmethod
    def of(cls, instance: Any) -> Watching:
        """The one of this instance."""
        return _known.setdefault(instance, cls(instance))

    async def note(self, request: Request, what: str, message_id: int, link: int, url: str = "") -> None:
        """Somebody asked for a picture or followed a link. HEAD comes from programs that only look at where it leads.

        Nothing is kept of the address they come from. Whatever happens to the store, it says nothing of it.
        """
        if request.method == "HEAD":
            return
        try:
            settings = self._settings()
            if settings.honour_do_not_track and wants_no_tracking(request.headers):
                return
            judged = judge(what, request.headers, address_of(request))
            place = link or SOME if what == CLICK else link
            look = Look(message_id, place, impersonal(url), judged, self._instance.clock.now_ms())
            with self._lock:
                if len(self._waiting) >= MOST:
                    return
                self._waiting.append(look)
                called, self._called = self._called, True
            if not called:
                task = asyncio.create_task(self._write(settings.machine_opens_count))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                await asyncio.wait({task}, timeout=PATIENCE_S)
        except Exception:
            log.exception("An opening or a click was not counted.")

    def _settings(self) -> Settings:
        """As they were a moment ago: reading them takes longer than all else that is done for a click."""
        known = self._set
        if known is None or time.monotonic() > self._set_until:
            known = self._set = self._instance.settings
            self._set_until = time.monotonic() + REMEMBERED_S
        return known

    async def _write(self, machines_count: bool) -> None:
        mine: list[Look] = []
        begun = False

        def job(tx: Tx) -> int:
            """It may run again: what it took once it keeps."""
            nonlocal begun
            with self._lock:
                begun = True
                mine.extend(self._waiting)
                self._waiting.clear()
                self._called = False
            return record(tx, mine, machines_count, self._instance.clock.now_ms())

        try:
            if await self._instance.db.awrite(job):
                self._instance.runtime.nudge()
        except Exception:
            log.exception("Openings and clicks were not counted.")
        finally:
            with self._lock:
                if not begun:
                    self._waiting.clear()
                    self._called = False
