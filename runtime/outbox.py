"""Sends what journeys queued: lease, ask the gate, mark just before a message leaves, record; nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex

from ..storage import messages, strangers
from ..storage.database import Database, Tx
from ..storage.faults import fail_point
from ..storage.leasing import lease
from ..storage.messages import Leased, Result
from .aftermath import keep
from .channels.channel import Channel
from .channels.switchboard import Switchboard
from .clock import Clock
from .content.brand import Brand
from .content.letters import Letters
from .handing import Hands
from .policy.sieve import Sieve
from .recovery import Recovery
from .way_out import Health, health_of

CHUNKS = 5  # a sender carries in one run, so that a run ends and others have their turn
LEASES = 20  # in a row that the gate put off as a whole
AHEAD = 10  # chunks leased at once: the gate is asked about all of them together


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
    ) -> None:
        self.worker = f"{worker_name}.{token_hex(4)}"  # a new life, a new name
        self.channels = channels if isinstance(channels, Switchboard) else Switchboard(channels)
        self._db, self._clock, self._brand = db, clock, brand
        self._senders, self._chunk = senders, min(lease, 20)
        self.sieve = Sieve(self._senders_of)
        self._hands = Hands(self, db, clock, letters)
        self._recovery = Recovery(db, clock, self.worker)
        self._ready: deque[list[Leased]] = deque()  # chunks that passed the gate, each of one medium
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
        if not self._ready:
            await self._recovery.own()
        counts = await asyncio.gather(*(self._sender() for _ in range(self._senders)), return_exceptions=True)
        for count in counts:
            if isinstance(count, BaseException):
                raise count
        return sum(count for count in counts if isinstance(count, int))

    async def _sender(self) -> int:
        done: list[Result] = []
        count = 0
        try:
            for _ in range(CHUNKS):
                chunk, put_off = await self._next(done)
                count += put_off
                if not chunk:
                    break
                count += await self._carry(chunk, done)
        except BaseException:
            self._unrecorded += done
            done = []
            raise
        finally:
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
                if self._ready or self._closing:
                    break
                more = await self._lease(done)
                put_off += more
                if not more:
                    break
            return (self._ready.popleft() if self._ready and not self._closing else []), put_off

    async def _lease(self, done: list[Result]) -> int:
        """Take what is due, a lot at once where the way is open and one to try where it was not."""
        rooms = {name: channel.room() for name, channel in self.channels.items()}
        wide = [name for name, room in rooms.items() if room >= self._chunk]
        asked = [(wide, self._chunk * AHEAD)] if wide else []
        asked += [([name], room) for name, room in rooms.items() if 0 < room < self._chunk]
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
        for of in by_medium.values():
            self._ready += [of[at : at + self._chunk] for at in range(0, len(of), self._chunk)]
        return put_off

    def _take(self, tx: Tx, done: Sequence[Result], asked: Sequence[tuple[list[str], int]]) -> tuple[list[Leased], int]:
        self.record(tx, done)
        now_ms = self._clock.now_ms()
        leased = [one for names, limit in asked for one in lease(tx, self.worker, names, now_ms, limit)]
        open_to = {name for names, _ in asked for name in names}
        passed = self.sieve.sift(tx, self.worker, leased, now_ms, self._brand().silence, open_to)
        return passed, len(leased) - len(passed)

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

    def _senders_of(self) -> dict[str, frozenset[str]]:
        """Every number and name messages go out from, by channel."""
        return {name: frozenset(channel.senders()) for name, channel in self.channels.items()}

    def record(self, tx: Tx, done: Sequence[Result]) -> None:
        """Write what became of messages, and what follows from it."""
        now_ms = self._clock.now_ms()
        results = strangers.unnamed(tx, done)
        taken = messages.record(tx, self.worker, results, now_ms)
        keep(tx, [result for result in results if result.message_id in taken], now_ms)

    # ── recovery, health, end ─────────────────────────────────────────────────────────────────────────

    async def recover(self) -> tuple[int, int]:
        """Take up what dead workers left: queued again, in doubt. Run at the start, and now and then on PostgreSQL."""
        return await self._recovery.run()

    def health(self) -> Health:
        """Is the way out open, and how much waits?"""
        return health_of(self.channels, self._db.look(lambda tx: messages.waiting(tx, self._clock.now_ms())))

    async def close(self) -> None:
        """Finish what is being handed over, give the rest back, and let go of everything."""
        self._closing = True
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        left = [Result(one.id, "release", "") for chunk in self._ready for one in chunk]
        self._ready.clear()
        if left:
            await self._db.awrite(lambda tx: self.record(tx, left))
        for channel in self.channels.values():
            await channel.close()
        await self._recovery.end()
