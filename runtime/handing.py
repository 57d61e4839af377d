"""One chunk of leased messages on its way out: filled, marked, handed over, each with a result whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from ..storage import short_links
from ..storage.database import Database, Tx
from ..storage.handover import Facts, approved
from ..storage.messages import Leased, Result
from .channels.channel import Channel, Held, Outcome, Parcel, Refused, TryLater, Unclear
from .clock import Clock
from .content.brand import Brand
from .content.forms import Compiled
from .content.issues import NotCompiledNow
from .content.letter import BrokenLetter, Letter, LetterProblem
from .content.letters import Letters, NoSuchLetter, is_intact
from .content.rendered import Rendered
from .found import Found
from .furnishing import Draft, Furnishing
from .policy.gate import Terms, Verdict
from .policy.sieve import Sieve
from .results import held_back, result_of
from .sendable import Sendable
from .set_aside import no_coupon, set_aside

T = TypeVar("T")

ROUNDS = 4  # a letter is filled at most so often: a coupon may bring another one to light
VERSIONS = 500  # kept in memory
CENTRE_MS = 90 * 86_400_000  # how long the link to the preference centre works

log = logging.getLogger(__name__)


class House(Protocol):
    """What handing over needs of the outbox it works for."""

    worker: str
    sieve: Sieve

    def record(self, tx: Tx, done: Sequence[Result]) -> None:
        """Write what became of messages."""
        ...


class Hands:
    """Brings chunks of messages to their results. Keeps the versions they belong to."""

    def __init__(
        self, house: House, db: Database, clock: Clock, letters: Letters, furnishing: Furnishing | None = None
    ) -> None:
        self._house, self._db, self._clock, self._letters = house, db, clock, letters
        self._furnishing = furnishing or Furnishing(db, clock)
        self._versions: dict[tuple[int, str | None], Sendable] = {}

    async def carry(self, chunk: Sequence[Leased], channel: Channel, brand: Brand, done: list[Result]) -> int:
        """Bring every message of a chunk, all of one medium, to a result in ``done``; returns how many came to one.

        ``done`` is emptied whenever a mark has recorded it.
        """
        mark = _Mark(self, chunk, brand, done)
        try:
            parcels = await self._parcels(chunk, brand, mark)
            if parcels:
                outcomes = await channel.hand_over(parcels, mark)
                for parcel, outcome in zip(parcels, outcomes, strict=True):
                    mark.tell(parcel.message_id, outcome)
        except Exception as error:
            mark.broke_off(error)
            if mark.error is None:
                log.exception("The channel %s failed with %d messages.", chunk[0].channel, len(chunk))
        except BaseException as error:
            mark.broke_off(error)
            raise
        if mark.error is not None:  # the store failed us; nothing that it did not mark has left
            raise mark.error
        return mark.ended

    # ── before the hand-over ──────────────────────────────────────────────────────────────────────────

    async def _parcels(self, chunk: Sequence[Leased], brand: Brand, mark: _Mark) -> list[Parcel]:
        """The messages filled; those that cannot be filled have their result already."""
        found = await self._db.aread(lambda tx: Found.load(tx, chunk, self._clock.now_ms()))
        drafts: list[Draft] = []
        for one in chunk:
            if one.id not in found.known or (version := await self._version(found.known[one.id][0])) is None:
                result = Result(one.id, "skip", "The contact or the version is gone.", {"message": one.id})
                mark.settle(one.id, result)
                continue
            known, filling = found.known[one.id]
            mark.addresses[one.id] = known.address
            letter = await self._made(one, mark, lambda one=one, version=version: self._letter(one, version))
            if letter is not None:
                drafts.append(Draft(one, version, known, filling, letter))
        await self._furnishing.complete(drafts)
        parcels: list[Parcel] = []
        for _ in range(ROUNDS):  # a letter with a coupon is filled once more, with the code it asked for
            asking: list[Draft] = []
            for draft in drafts:
                parcel = await self._parcel(draft, brand, mark)
                if parcel is None:
                    continue
                if draft.codes is not None and draft.codes.lacking:
                    asking.append(draft)
                else:
                    mark.rendered[draft.one.id] = parcel.rendered
                    parcels.append(found.complete(parcel, draft.one.channel, draft.known))
            if not asking:
                return parcels
            refused = await self._furnishing.reserve(asking)
            for draft in asking:
                if no := refused.get(draft.one.id):
                    mark.settle(draft.one.id, no_coupon(draft.one, draft.known, no, self._clock.now_ms()))
            drafts = [draft for draft in asking if draft.one.id not in refused]
        for draft in drafts:
            problem = BrokenLetter("The letter asks for one coupon after the other.")
            mark.settle(draft.one.id, set_aside(draft.one, draft.known, problem, self._clock.now_ms()))
        return parcels

    async def _parcel(self, draft: Draft, brand: Brand, mark: _Mark) -> Parcel | None:
        one, version, known = draft.one, draft.version, draft.known
        now_ms, transactional = self._clock.now_ms(), version.terms.transactional
        url = centre = ""
        if not transactional and brand.base_url:
            links = self._letters.links.at(brand.base_url)
            url = links.unsubscribe(known.contact_id, one.id, one.channel)
            centre = links.preferences(known.contact_id, one.id, now_ms + CENTRE_MS)

        async def fill() -> Rendered:
            return self._letters.fill(
                draft.letter, draft.filling, brand, message_id=one.id, unsubscribe_url=url, preferences_url=centre
            )

        try:
            rendered = await self._made(one, mark, fill)
        except BrokenLetter as problem:
            mark.settle(one.id, set_aside(one, known, problem, now_ms))
            return None
        if rendered is None:
            return None
        return Parcel(
            one.id, known.address or "", rendered, brand, url, now_ms, known.contact_id, draft.filling.contact,
            transactional=transactional, letter=one.content, journey=str(version.of.content.get("name") or ""),
            topic=version.terms.topic, kind=str(version.of.content.get("message_type") or ""),
            closed=one.closed,
        )  # fmt: skip

    async def _made(self, one: Leased, mark: _Mark, make: Callable[[], Awaitable[T]]) -> T | None:
        """What was made of a letter; None where it could not be, which then has its result. Raises `BrokenLetter`."""
        try:
            return await make()
        except NotCompiledNow as problem:
            mark.tell(one.id, TryLater(0, str(problem)), {"letter": one.content})
        except (NoSuchLetter, LetterProblem) as problem:
            mark.settle(one.id, Result(one.id, "failed", str(problem), {"letter": one.content}))
        except BrokenLetter:
            raise
        except Exception as error:  # ours, or the machine's: the others go on, and this one is tried again
            log.exception("The letter of message %d could not be made.", one.id)
            mark.tell(one.id, TryLater(0, f"the letter could not be made: {error!r}"))
        return None

    async def _letter(self, one: Leased, version: Sendable) -> Letter | Compiled:
        letter = version.letters.get(f"{one.channel}:{one.content}")
        if letter is None:
            letter = await asyncio.to_thread(self._letters.of, version.of, one.content, one.channel)
            version.letters[f"{one.channel}:{one.content}"] = letter
        return letter

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

    def mark(
        self, tx: Tx, ids: Sequence[int], account: str, of: _Mark, earlier: Sequence[Result]
    ) -> dict[int, Verdict]:
        """In one transaction: write earlier results, ask the gate again, say which are about to leave.

        A message whose lease was lost has no verdict.
        """
        self._house.record(tx, earlier)
        now_ms = self._clock.now_ms()
        said = self._house.sieve.admit(tx, self._house.worker, ids, account, now_ms, of.brand.silence)
        gone = [message_id for message_id, verdict in said.items() if verdict.go]
        short_links.add(tx, [(code, one, url) for one in gone for code, url in of.rendered[one].short], now_ms)
        return said

    def held_back(self, message_id: int, verdict: Verdict) -> Result:
        """The result of a message the gate kept."""
        return held_back(message_id, verdict, self._clock.now_ms())

    def result(self, one: Leased, address: str | None, outcome: Outcome, inputs: Mapping[str, Any]) -> Result:
        """The result of an outcome."""
        result = result_of(one, address, outcome, dict(inputs), self._clock.now_ms())
        if isinstance(outcome, Refused | TryLater) and outcome.account:
            result.inputs["account"] = outcome.account
        return result

    async def written(self, job: Callable[[Tx], dict[int, Verdict]]) -> dict[int, Verdict]:
        """Through the write door, kept even if the power fails."""
        return await self._db.awrite(job, durable=True)


class _Mark:
    """What a channel awaits between "you may" and the body, for one chunk. Knows what became of each message."""

    def __init__(self, hands: Hands, chunk: Sequence[Leased], brand: Brand, done: list[Result]) -> None:
        self._hands, self._done = hands, done
        self._of = {one.id: one for one in chunk}
        self.brand = brand
        self.addresses: dict[int, str | None] = {}
        self.rendered: dict[int, Rendered] = {}
        self._left = dict.fromkeys(self._of)  # no result yet
        self._passed: set[int] = set()
        self.error: Exception | None = None
        self.ended = 0  # results that are no release

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        wanted = [message_id for message_id in ids if message_id in self._left and message_id not in self._passed]
        if not wanted or self.error is not None:
            return frozenset()
        earlier = list(self._done)
        self._done.clear()
        try:
            said = await self._hands.written(lambda tx: self._hands.mark(tx, wanted, account, self, earlier))
        except BaseException as error:
            self._done[:0] = earlier
            if not isinstance(error, Exception):
                raise
            self.error = error
            return frozenset()
        for message_id in wanted:
            verdict = said.get(message_id)
            if verdict is None:  # the lease was lost: it is somebody else's now
                self._left.pop(message_id, None)
            elif verdict.go:
                self._passed.add(message_id)
            else:
                self.settle(message_id, self._hands.held_back(message_id, verdict))
        return frozenset(self._passed.intersection(wanted))

    def tell(self, message_id: int, outcome: Outcome, inputs: Mapping[str, Any] | None = None) -> None:
        """What became of one; the first word counts."""
        if message_id not in self._left:
            return
        if isinstance(outcome, Held) or (self.error is not None and message_id not in self._passed):
            self.settle(message_id, Result(message_id, "release", ""))
            return
        known = dict(inputs or {})
        if message_id in self.rendered and self.rendered[message_id].missing:
            known["missing"] = list(self.rendered[message_id].missing)
        of, address = self._of[message_id], self.addresses.get(message_id)
        self.settle(message_id, self._hands.result(of, address, outcome, known))

    def settle(self, message_id: int, result: Result) -> None:
        """This is its result."""
        if message_id in self._left:
            del self._left[message_id]
            self._done.append(result)
            self.ended += result.verdict != "release"

    def broke_off(self, error: BaseException) -> None:
        """The hand-over of the chunk ended with an exception: what was marked may have left, the rest has not."""
        for message_id in list(self._left):
            if message_id in self._passed:
                self.tell(message_id, Unclear(f"The hand-over broke off: {error!r}."))
            elif isinstance(error, Exception) and self.error is None:
                self.tell(message_id, TryLater(0, f"the channel failed: {error!r}"))
            else:
                self.settle(message_id, Result(message_id, "release", ""))
