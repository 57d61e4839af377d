"""The running heart of an instance: APScheduler beats, the engine walks, the outbox sends, the schedule fires."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ..storage import walking
from ..storage.database import Database, Tx
from . import notices
from .accounts import opener, tools
from .channels.channel import open_all
from .channels.switchboard import Switchboard
from .chores.chore import Chore, chores
from .clock import Clock, ManualClock
from .content.brand import Brand
from .content.dkim import Signer
from .content.letters import Letters
from .content.links import Links
from .deliverability.keys import Keyring
from .engine import Engine
from .furnishing import Furnishing
from .outbox import Outbox
from .program import ProgramShelf
from .schedule import Schedule
from .settings import load as load_settings

log = logging.getLogger("sojourn.runtime")

BEAT_SECONDS = 1
FOLD_SECONDS = 10
RECOVER_SECONDS = 15


class ClockRunsByItself(Exception):
    """Only an instance made with `--clock manual` has a clock that can be moved by hand."""


class Parts(Protocol):
    """What the runtime works on: an instance, or anything that has these."""

    db: Database
    clock: Clock
    shelf: ProgramShelf
    config: Any  # by key, as ``dict(config)``
    secrets: Any


class Runtime:
    """Runs in a thread with an event loop of its own, so that pages never wait for it. `start`, `nudge`, `stop`."""

    def __init__(self, parts: Parts, worker: str = "worker") -> None:
        self._parts = parts
        self._worker = worker
        self.engine = Engine(parts.db, parts.shelf, parts.clock)
        self.schedule = Schedule(parts.db, parts.shelf, parts.clock)
        self.outbox = _outbox(parts, worker)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._due = asyncio.Event()
        self._post = asyncio.Event()
        self._stopping = asyncio.Event()
        self._still = asyncio.Lock()  # held by whoever moves people: a beat, or a person moving the clock
        self._busy = asyncio.Lock()  # one chore at a time, but for those that stand apart
        self._failures: dict[str, str] = {}  # of what last failed, by what it was

    # ── life ──────────────────────────────────────────────────────────────────────────────────────────

    def start(self, with_chores: bool = True) -> None:
        """Begin to beat; returns once the runtime is up. Chores are for one process alone, the one that serves."""
        if self._thread:
            return
        up = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._live(up, chores() if with_chores else ())), name="runtime", daemon=True
        )
        self._thread.start()
        up.wait()

    def stop(self) -> None:
        """Finish the batch and the letters in hand, then stand still."""
        if self._thread and self._loop:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=30)
            self._thread = self._loop = None

    def nudge(self) -> None:
        """Something may be due now: do not wait for the next beat."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._due.set)

    async def _live(self, up: threading.Event, beside: Sequence[Chore]) -> None:
        self._loop = asyncio.get_running_loop()
        await self._guarded("recover", self.outbox.recover)  # what fails here is tried again before anything is sent
        beats = AsyncIOScheduler(timezone=UTC)
        for seconds, beat in ((BEAT_SECONDS, self._tick), (FOLD_SECONDS, self._fold), (RECOVER_SECONDS, self._recover)):
            # A memory job store only, and never a misfire: what is due stands in the database, a beat only looks.
            beats.add_job(beat, "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None)
        for chore in beside:
            beats.add_job(
                self._do, "interval", [chore], seconds=chore.seconds,
                max_instances=1, coalesce=True, misfire_grace_time=None,
            )  # fmt: skip
        beats.start()
        workers = [asyncio.create_task(self._move_people()), asyncio.create_task(self._send_letters())]
        self._tick()
        up.set()
        await self._stopping.wait()
        beats.shutdown(wait=False)
        for event in (self._due, self._post):
            event.set()
        await asyncio.gather(*workers)
        await self.outbox.close()

    def _tick(self) -> None:
        self._due.set()
        self._post.set()

    async def _fold(self) -> None:
        await self._guarded("fold", lambda: self._parts.db.awrite(walking.fold))

    async def _recover(self) -> None:
        if self._parts.db.postgres:  # workers on other machines may have died
            await self._guarded("recover", self.outbox.recover)

    async def _do(self, chore: Chore) -> None:
        alone = _open() if chore.apart else self._busy
        async with alone, self._still if isinstance(self._parts.clock, ManualClock) else _open():
            await self._guarded(chore.name, lambda: self._chore(chore))

    async def _chore(self, chore: Chore) -> int:
        due = await asyncio.to_thread(chore.run, self._parts)
        if due:
            self._due.set()
        return due

    async def _move_people(self) -> None:
        while not self._stopping.is_set():
            await self._due.wait()
            self._due.clear()
            async with self._still:
                await self._guarded("walk", self._walk)

    async def _send_letters(self) -> None:
        while not self._stopping.is_set():
            await self._post.wait()
            self._post.clear()
            async with self._still if isinstance(self._parts.clock, ManualClock) else _open():
                await self._guarded("send", self._send)

    async def _walk(self) -> int:
        came = await asyncio.to_thread(self.schedule.run_due, 2.0)
        beat = await asyncio.to_thread(self.engine.run_due, 2.0, self._call(self._post.set))
        if beat.contacts:
            self._post.set()
            self._due.set()  # whoever was left when the time was up
        return came + beat.contacts

    async def _send(self) -> int:
        sent = 0
        while not self._stopping.is_set() and (n := await self.outbox.run_once()):
            sent += n
            self._due.set()
        return sent

    def _call(self, call: Callable[[], None]) -> Callable[[], None]:
        loop = asyncio.get_running_loop()
        return lambda: loop.call_soon_threadsafe(call) and None

    async def _guarded(self, name: str, work: Callable[[], Awaitable[Any]]) -> None:
        """A full disk or a lost database is a warning on every page, and the next beat tries again."""
        try:
            await work()
            self._failures.pop(name, None)
        except Exception as error:
            if not self._stopping.is_set():
                log.exception("The runtime will try again")
                problem = type(error).__name__
                self._failures[name] = f"The runtime met a problem and tries again every second: {problem}."

    # ── what people are told ──────────────────────────────────────────────────────────────────────────

    def warnings(self) -> list[str]:
        """Sentences about what keeps letters or people from moving; empty when all is well."""
        found = list(dict.fromkeys(self._failures.values()))
        found += self.outbox.health().sentences
        found += [f"A journey does not run: {why}" for why in self._parts.shelf.refused.values()]
        found += [f"People stand still: {why}" for why in self.engine.troubles.values() if why]
        found += [f"Somebody stands aside for an hour: {why}" for why in self.engine.failing.values()]
        found += self._parts.db.look(notices.all_of)
        return found

    # ── moving the clock ──────────────────────────────────────────────────────────────────────────────

    async def advance(self, ms: int, progress: Callable[[float], None] | None = None, with_chores: bool = True) -> int:
        """Let ``ms`` pass on a manual clock: everything that comes due in between happens, in order. Returns messages.

        Who passes many short times one after the other need not have the chores done after each of them.
        Raises `ClockRunsByItself` where time is not ours.
        """
        if not isinstance(self._parts.clock, ManualClock):
            raise ClockRunsByItself(ClockRunsByItself.__doc__)
        if self._loop is None:  # a command of its own, without a server: what it opens ends with it
            try:
                return await self._pass_time(self._parts.clock, ms, progress, with_chores)
            finally:
                await self.outbox.close()
                self.outbox = _outbox(self._parts, self._worker)
        passing = self._pass_time(self._parts.clock, ms, progress, with_chores)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(passing, self._loop))

    async def _pass_time(
        self, clock: ManualClock, ms: int, progress: Callable[[float], None] | None, with_chores: bool
    ) -> int:
        async with self._still:
            start = clock.now_ms()
            target, sent = start + ms, 0
            occasions = {chore: start + chore.pace_ms for chore in (chores() if with_chores else ())}
            stir = True  # somebody may be due
            while True:
                if stir:
                    sent += await self._settle()
                next_ms = await asyncio.to_thread(self._parts.db.look, self._next_due)
                due = min((moment for moment in (next_ms, *occasions.values()) if moment is not None), default=target)
                if due >= target:
                    break
                clock.set(due)
                stir = due == next_ms
                for chore in [chore for chore, moment in occasions.items() if moment <= due]:
                    stir = await self._chore(chore) > 0 or stir
                    occasions[chore] = due + chore.pace_ms
                if progress:
                    progress((due - start) / max(ms, 1))
            clock.set(target)
            sent += await self._settle()
            for chore in occasions:
                await self._chore(chore)
            sent += await self._settle()
            await self._parts.db.awrite(walking.fold)
            return sent

    async def _settle(self) -> int:
        """Do everything that is due at this moment, until nothing is."""
        sent = 0
        while True:
            moved = await self._walk()
            posted = await self._send()
            sent += posted
            if not moved and not posted:
                return sent

    def _next_due(self, tx: Tx) -> int | None:
        now_ms = self._parts.clock.now_ms()
        moments = [
            walking.next_due(tx, now_ms),
            walking.next_message_due(tx, now_ms),
            self.schedule.next_due_ms(tx),
        ]
        return min((moment for moment in moments if moment is not None and moment > now_ms), default=None)


def _outbox(parts: Parts, worker: str) -> Outbox:
    config = dict(parts.config)
    links = Links(parts.secrets.derive("links"))

    keyring = Keyring(parts.secrets)

    def brand() -> Brand:
        now, signers = parts.db.look(lambda tx: _who_writes(tx, keyring))
        links.base_url = now.base_url
        return replace(now, signers=signers)

    board = Switchboard(open_all(tools(parts)), parts.db, opener(parts))
    furnishing = Furnishing(
        parts.db, parts.clock, config.get("private_hosts") or (), lambda text: parts.secrets.open(text)
    )
    return Outbox(
        parts.db, parts.clock, board, Letters(links), brand, worker,
        senders=config.get("senders", 4), furnishing=furnishing,
    )  # fmt: skip


def _who_writes(tx: Tx, keyring: Keyring) -> tuple[Brand, tuple[Signer, ...]]:
    brand = Brand.of(load_settings(tx))
    return brand, keyring.signers(tx, brand.sender_address or "")


class _open:
    """A door that is always open."""

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...
