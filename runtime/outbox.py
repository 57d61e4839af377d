"""Sends what journeys queued: lease a few, ask the gate, mark between 354 and body, record; nothing is sent twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from secrets import token_hex
from typing import Any

from ..storage import messages, strangers
from ..storage.database import Database, Tx
from ..storage.faults import fail_point
from ..storage.handover import Facts, Filling, approved, facts, load_many
from ..storage.messages import Leased, Result
from .channels.channel import Channel, Held, Outcome, Parcel, TryLater
from .clock import Clock
from .content.brand import Brand
from .content.issues import NotCompiledNow
from .content.letter import BrokenLetter, LetterProblem
from .content.letters import Letters, NoSuchLetter, is_intact
from .policy import gate, hygiene
from .policy.gate import Terms, Verdict
from .recovery import Recovery
from .results import result_of
from .sendable import Sendable
from .way_out import Health, health_of

VERSIONS = 500  # kept in memory
CENTRE_MS = 90 * 86_400_000  # how long the link to the preference centre works
LEASES = 5  # a sender takes in one run, so that a run ends and others have their turn

log = logging.getLogger(__name__)
Ask = Callable[[Facts, int], Verdict]  # the gate, about one message of a version


class Outbox:
    """The senders of this process. ``brand`` is asked anew for each lease, since the owner may change it."""

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
        self._db, self._clock, self._channels, self._letters, self._brand = db, clock, channels, letters, brand
        self._senders, self._lease = senders, min(lease, 20)
        self._recovery = Recovery(db, clock, self.worker)
        self._versions: dict[tuple[int, str | None], Sendable] = {}
        self._unrecorded: list[Result] = []  # results of a run that the database did not take
        self._in_hand: set[int] = set()  # what the senders here have before them
        self._closing = False
        self._running: asyncio.Task[int] | None = None

    # ── running ───────────────────────────────────────────────────────────────────────────────────────

    async def run_once(self) -> int:
        """Send what is due, up to a few leases for each sender; returns how many came to an end or were put off.

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
            await self._db.awrite(lambda tx: self._record(tx, kept), durable=True)
            self._unrecorded.clear()
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
            for _ in range(LEASES):
                rooms = {} if self._closing else {name: channel.room() for name, channel in self._channels.items()}
                open_to = [name for name, room in rooms.items() if room]
                if not open_to:
                    break
                limit = min(self._lease, *(rooms[name] for name in open_to))
                taken = await self._db.awrite(lambda tx, n=limit, o=open_to: self._next(tx, done, o, n))
                done.clear()
                fail_point("after_claim")
                if not taken:
                    break
                count += await self._carry(taken, done)
        except BaseException:
            self._unrecorded += done
            done = []
            raise
        finally:
            if done:
                try:
                    await self._db.awrite(lambda tx: self._record(tx, done))
                except BaseException:
                    self._unrecorded += done
                    raise
        return count

    def _next(self, tx: Tx, done: list[Result], channels: list[str], limit: int) -> list[Leased]:
        self._record(tx, done)
        return messages.lease(tx, self.worker, channels, self._clock.now_ms(), limit)

    # ── one lease ─────────────────────────────────────────────────────────────────────────────────────

    async def _carry(self, leased: list[Leased], done: list[Result]) -> int:
        """Bring every message of a lease to a result. ``done`` is emptied whenever a mark has recorded it.

        One that was taken away and came back while a sender here still has it stays with that sender.
        """
        left = [one for one in leased if one.id not in self._in_hand]
        mine = {one.id for one in left}
        self._in_hand |= mine
        ended = 0
        try:
            now_ms = self._clock.now_ms()
            known = await self._db.aread(lambda tx: load_many(tx, [one.id for one in leased], now_ms))
            versions = {one.id: await self._version(known[one.id][0]) for one in leased if one.id in known}
            brand = self._brand()
            while left and not self._closing:
                one = left.pop(0)
                version = versions.get(one.id)
                if version is None:
                    done.append(Result(one.id, "skip", "The contact or the version is gone.", {"message": one.id}))
                else:
                    await self._one(one, version, *known[one.id], brand, done)
                self._in_hand.discard(one.id)
                mine.discard(one.id)
                ended += bool(done) and done[-1].message_id == one.id and done[-1].verdict != "release"
        finally:
            self._in_hand -= mine
            done += [Result(one.id, "release", "") for one in left]
        return ended

    async def _one(
        self, one: Leased, version: Sendable, known: Facts, filling: Filling, brand: Brand, done: list[Result]
    ) -> None:
        """Gate, letter, hand-over of one message; its result is appended to ``done``, whatever happens."""
        ask = partial(version.ask, silence=brand.silence)
        verdict = ask(known, self._clock.now_ms())
        if not verdict.go:
            done.append(self._held_back(one, verdict))
            return
        url = centre = ""
        if not version.terms.transactional and brand.base_url:
            links, until_ms = self._letters.links.at(brand.base_url), self._clock.now_ms() + CENTRE_MS
            url = links.unsubscribe(known.contact_id, one.id, one.channel)
            centre = links.preferences(known.contact_id, one.id, until_ms)
        try:
            letter = version.letters.get(one.content)
            if letter is None:
                letter = await asyncio.to_thread(self._letters.of, version.of, one.content)
                version.letters[one.content] = letter
            rendered = self._letters.fill(
                letter, filling, brand, message_id=one.id, unsubscribe_url=url, preferences_url=centre
            )
        except NotCompiledNow as problem:
            done.append(self._result(one, known, TryLater(0, str(problem)), {"letter": one.content}))
            return
        except (NoSuchLetter, LetterProblem, BrokenLetter) as problem:
            done.append(Result(one.id, "failed", str(problem), {"letter": one.content}))
            return
        except Exception as error:  # ours, or the machine's: the others go on, and this one is tried again
            log.exception("The letter of message %d could not be made.", one.id)
            done.append(self._result(one, known, TryLater(0, f"the letter could not be made: {error!r}"), {}))
            return
        mark = _Mark(self, one, ask, done)
        parcel = Parcel(one.id, known.address or "", rendered, brand, url, self._clock.now_ms())
        try:
            outcome = await self._channels[one.channel].hand_over(parcel, mark)
        except BaseException as error:
            if mark.passed:
                done.append(Result(one.id, "in_doubt", f"The hand-over broke off: {error!r}.", attempted=True))
            elif isinstance(error, Exception):
                done.append(self._result(one, known, TryLater(0, f"the channel failed: {error!r}"), {}))
            else:
                done.append(Result(one.id, "release", ""))
            if not isinstance(error, Exception):
                raise
            log.exception("The channel %s failed with message %d.", one.channel, one.id)
            return
        if mark.error is not None:  # the database failed us; the body did not leave
            done.append(Result(one.id, "release", ""))
            raise mark.error
        if not isinstance(outcome, Held):
            missing = {"missing": list(rendered.missing)} if rendered.missing else {}
            done.append(self._result(one, known, outcome, missing))
        elif mark.verdict is not None:
            done.append(self._held_back(one, mark.verdict))
        # else the lease was lost: the message is somebody else's now

    async def _version(self, known: Facts) -> Sendable | None:
        key = (known.version_id, known.content_hash)
        version = self._versions.get(key)
        if version is None:
            of = await self._db.aread(lambda tx: approved(tx, known.version_id))
            if of is None:
                return None
            if len(self._versions) >= VERSIONS:
                self._versions.clear()
            version = self._versions[key] = Sendable(of, Terms.of(of.content, is_intact(of)))
        return version

    # ── the mark ──────────────────────────────────────────────────────────────────────────────────────

    def _mark(self, tx: Tx, one: Leased, ask: Ask, done: list[Result]) -> Verdict | None:
        """In one transaction: write earlier results, ask the gate again, and say that the body is about to leave.

        None: the lease was lost.
        """
        self._record(tx, done)
        now_ms = self._clock.now_ms()
        known = facts(tx, one.id, now_ms)
        if known is None:
            return None
        verdict = ask(known, now_ms)
        if verdict.go:
            if not messages.mark(tx, self.worker, one.id):
                return None
            messages.decide(tx, [Result(one.id, "go", verdict.reason, verdict.inputs)], now_ms)
        return verdict

    # ── results ───────────────────────────────────────────────────────────────────────────────────────

    def _held_back(self, one: Leased, verdict: Verdict) -> Result:
        due_at = verdict.until_ms or self._clock.now_ms() + gate.PAUSE_MS if verdict.answer == "defer" else None
        return Result(one.id, verdict.answer, verdict.reason, verdict.inputs, due_at)

    def _result(self, one: Leased, known: Facts, outcome: Outcome, inputs: dict[str, Any]) -> Result:
        return result_of(one, known.address, outcome, inputs, self._clock.now_ms())

    def _record(self, tx: Tx, done: list[Result]) -> None:
        now_ms = self._clock.now_ms()
        results = strangers.unnamed(tx, done)
        taken = messages.record(tx, self.worker, results, now_ms)
        hygiene.keep(tx, [result for result in results if result.message_id in taken], now_ms)

    # ── recovery, health, end ─────────────────────────────────────────────────────────────────────────

    async def recover(self) -> tuple[int, int]:
        """Take up what dead workers left: queued again, in doubt. Run at the start, and now and then on PostgreSQL."""
        return await self._recovery.run()

    def health(self) -> Health:
        """Is the way out open, and how much waits?"""
        return health_of(self._channels, self._db.look(lambda tx: messages.waiting(tx, self._clock.now_ms())))

    async def close(self) -> None:
        """Finish what is being handed over, give the rest back, and let go of everything."""
        self._closing = True
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()
        await self._recovery.end()


class _Mark:
    """What a channel awaits between "you may" and the body. Remembers how it went."""

    def __init__(self, outbox: Outbox, one: Leased, ask: Ask, done: list[Result]) -> None:
        self._outbox, self._one, self._ask, self._done = outbox, one, ask, done
        self.verdict: Verdict | None = None
        self.error: Exception | None = None

    async def __call__(self) -> bool:
        box, earlier = self._outbox, list(self._done)
        try:
            self.verdict = await box._db.awrite(lambda tx: box._mark(tx, self._one, self._ask, earlier), durable=True)
        except Exception as error:
            self.error = error
            return False
        del self._done[: len(earlier)]
        return self.passed

    @property
    def passed(self) -> bool:
        """True once the message is marked as being sent."""
        return self.verdict is not None and self.verdict.go
