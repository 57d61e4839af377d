"""Sends what journeys queued: lease, ask the gate, mark just before a message leaves, record; nothing is sent twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from secrets import token_hex

from ..storage import leasing, messages, strangers
from ..storage.database import Database, Tx
from ..storage.faults import fail_point
from ..storage.messages import Leased, Result
from .aftermath import keep
from .channels.channel import Channel
from .channels.mail_ways import MailWays
from .channels.switchboard import Switchboard
from .clock import Clock
from .content.brand import Brand
from .content.letters import Letters
from .furnishing import Furnishing
from .handing import Hands
from .no_garbage import no_garbage
from .pacing import Pacing
from .policy.room import EMAIL, Ways
from .policy.sieve import Sieve
from .recovery import Recovery
from .way_out import Health, health_of

CHUNKS = 5  # a sender carries in one run, so that a run ends and others have their turn
LEASES = 20  # in a row that the gate put off as a whole
AHEAD = 10  # chunks leased at once: the gate is asked about all of them together
LOOK_S = 0.25  # between two looks for other media while there is something to carry


class Outbox:
    """The senders of this process. ``brand`` is asked anew for each chunk, since the owner may change it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        channels: Mapping[str, Channel],
        letters: Letters,
        brand: Callable[[], Brand],
        worker_name: str = "worker",
        *,
        senders: int = 4,
        lease: int = 20,
        furnishing: Furnishing | None = None,
    ) -> None:
        self.worker = f"{worker_name}.{token_hex(4)}"  # a new life, a new name
        self.channels = channels if isinstance(channels, Switchboard) else Switchboard(channels)
        self._db, self._clock, self._brand = db, clock, brand
        self._senders, self._chunk = senders, min(lease, 20)
        self._pacing = Pacing()
        self.sieve = Sieve(self._senders_of, self._pacing, self._ways)
        self._hands = Hands(self, db, clock, letters, furnishing)
        self._recovery = Recovery(db, clock, self.worker)
        self._standing = leasing.Standing()
        self._nothing = False  # was due when a sender of this run looked the last time
        self._ready: dict[str, deque[list[Leased]]] = {}  # chunks that passed the gate, by medium
        self._busy: Counter[str] = Counter()  # senders by the medium they carry for
        self._calm = asyncio.Event()  # nobody carries anything
        self._looked_at = 0.0
        self._short = 0  # senders that may still take chunks in this run
        self._filling = asyncio.Lock()
        self._unrecorded: list[Result] = []  # results of a run that the database did not take
        self._in_hand: set[int] = set()  # what the senders here have before them
        self._closing = False
        self._running: asyncio.Task[int] | None = None

    # ── running ───────────────────────────────────────────────────────────────────────────────────────

    async def run_once(self) -> int:
        """Send what is due, up to a few chunks for each sender; returns how many came to an end or were put off.

        Raises what the database raises; results that could not be written are written by the next run.
        """
        if self._recovery.due:
            await self.recover()
        if self._closing:
            return 0
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._run())
        return await asyncio.shield(self._running)

    async def _run(self) -> int:
        if self._unrecorded:
            kept = list(self._unrecorded)
            await self._db.awrite(lambda tx: self.record(tx, kept), durable=True)
            self._unrecorded.clear()
        await self.channels.refresh()
        self._nothing = False
        if not self._ready:
            await self._recovery.own()
        self._short = self._senders
        counts = await asyncio.gather(*(self._sender() for _ in range(self._senders)), return_exceptions=True)
        for count in counts:
            if isinstance(count, BaseException):
                raise count
        return sum(count for count in counts if isinstance(count, int))

    async def _sender(self) -> int:
        """Carries a few chunks, and more as long as others still have theirs before them: a slow way out keeps only
        those from working who are on it."""
        done: list[Result] = []
        count = carried = 0
        try:
            while self._short and not self._closing:
                chunk, put_off = await self._next(done)
                count += put_off
                if chunk:
                    count += await self._carry(chunk, done)
                    carried += 1
                    self._short -= carried == CHUNKS
                elif await self._nobody_carries():
                    break
        except BaseException:
            self._unrecorded += done
            done = []
            raise
        finally:
            self._short -= carried < CHUNKS
            if done:
                try:
                    await self._db.awrite(lambda tx: self.record(tx, done))
                except BaseException:
                    self._unrecorded += done
                    raise
        return count

    async def _next(self, done: list[Result]) -> tuple[list[Leased], int]:
        """The next chunk to carry, and how many messages the gate put off or ended on the way to it."""
        async with self._filling:
            put_off = 0
            for _ in range(LEASES):
                lately = time.monotonic() < self._looked_at + LOOK_S
                if self._closing or (lately and (self._ready or self._nothing)):
                    break
                more = await self._lease(done)
                self._looked_at = time.monotonic()
                self._nothing = not more and not self._ready
                put_off += more
                if not more:
                    break
            return ([] if self._closing else self._picked()), put_off

    def _picked(self) -> list[Leased]:
        """A chunk of the medium the fewest senders carry for, so that no medium waits behind a slow one."""
        if not self._ready:
            return []
        medium = min(self._ready, key=lambda name: self._busy[name])
        chunk = self._ready[medium].popleft()
        if not self._ready[medium]:
            del self._ready[medium]
        self._busy[medium] += 1
        self._calm.clear()
        return chunk

    async def _nobody_carries(self) -> bool:
        """Wait a moment for others to finish; false when it is time to look for something new instead."""
        if not self._busy.total():
            return True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calm.wait(), LOOK_S)
        return not self._busy.total()

    async def _lease(self, done: list[Result]) -> int:
        """Take what is due of the media nothing is at hand for: a lot where the way is open, one to try where it was
        not."""
        rooms = {name: channel.room() for name, channel in self.channels.items() if name not in self._ready}
        most = self._chunk * AHEAD
        asked = [([name], most if room >= self._chunk else room) for name, room in rooms.items() if room > 0]
        if not asked:
            return 0
        taken, put_off = await self._db.awrite(lambda tx: self._take(tx, done, asked))
        done.clear()
        fail_point("after_claim")
        by_medium: dict[str, list[Leased]] = {}
        for one in taken:
            if one.id not in self._in_hand:  # one that was taken away and came back stays with the sender who has it
                by_medium.setdefault(one.channel, []).append(one)
        self._in_hand |= {one.id for of in by_medium.values() for one in of}
        for medium, of in by_medium.items():
            chunks = [of[at : at + self._chunk] for at in range(0, len(of), self._chunk)]
            self._ready.setdefault(medium, deque()).extend(chunks)
        return put_off

    def _take(self, tx: Tx, done: Sequence[Result], asked: Sequence[tuple[list[str], int]]) -> tuple[list[Leased], int]:
        self.record(tx, done)
        now_ms = self._clock.now_ms()
        with no_garbage():
            put_off = 0
            if any(EMAIL in names for names, _ in asked):
                put_off = self.sieve.shut_off(tx, now_ms, self._brand().silence, self._standing)
            found = [one for names, limit in asked for one in leasing.due(tx, names, now_ms, limit, self._standing)]
            open_to = {*self._ready, *(name for names, _ in asked for name in names)}
            passed = self.sieve.sift(tx, None, found, now_ms, self._brand().silence, open_to)
            leasing.take(tx, self.worker, passed)
        return passed, put_off + len(found) - len(passed)

    async def _carry(self, chunk: list[Leased], done: list[Result]) -> int:
        """Bring a chunk to its results; returns how many came to an end or were put off."""
        try:
            channel = self.channels.get(chunk[0].channel)
            if channel is None:  # its account was closed meanwhile
                done += [Result(one.id, "release", "") for one in chunk]
                return 0
            return await self._hands.carry(chunk, channel, self._brand(), done)
        finally:
            self._in_hand -= {one.id for one in chunk}
            self._busy[chunk[0].channel] -= 1
            if not self._busy.total():
                self._calm.set()

    def _senders_of(self) -> dict[str, frozenset[str]]:
        """Every number and name messages go out from, by channel."""
        return {name: frozenset(channel.senders()) for name, channel in self.channels.items()}

    def _ways(self) -> Ways:
        """The accounts letters may leave by."""
        return MailWays(self.channels.get(EMAIL), self._brand)

    def record(self, tx: Tx, done: Sequence[Result]) -> None:
        """Write what became of messages, and what follows from it."""
        now_ms = self._clock.now_ms()
        if any(result.verdict == "release" for result in done):
            self._standing.forget()  # it is due since long
        results = strangers.unnamed(tx, done)
        taken = messages.record(tx, self.worker, results, now_ms)
        ours = [result for result in results if result.message_id in taken]
        keep(tx, ours, now_ms)
        self._pacing.heard(tx, ours, now_ms)

    # ── recovery, health, end ─────────────────────────────────────────────────────────────────────────

    async def recover(self) -> tuple[int, int]:
        """Take up what dead workers left: queued again, in doubt. Run at the start, and now and then on PostgreSQL."""
        self._standing.forget()
        return await self._recovery.run()

    def health(self) -> Health:
        """Is the way out open, and how much waits?"""
        waiting = self._db.look(lambda tx: messages.waiting(tx, self._clock.now_ms()))
        return health_of(self.channels, waiting, self.channels.troubles)

    async def close(self) -> None:
        """Finish what is being handed over, give the rest back, and let go of everything."""
        self._closing = True
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        left = [Result(one.id, "release", "") for chunks in self._ready.values() for chunk in chunks for one in chunk]
        self._ready.clear()
        if left:
            await self._db.awrite(lambda tx: self.record(tx, left))
        for channel in self.channels.values():
            await channel.close()
        await self._recovery.end()
