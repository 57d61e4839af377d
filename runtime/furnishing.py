"""What letters of a chunk need beyond what is always known: loaded at once, coupons reserved in one write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from ..storage.database import Database
from ..storage.handover import Facts, Filling
from ..storage.messages import Leased
from . import coupons
from .clock import Clock
from .content.forms import Compiled
from .content.given import Codes
from .content.letter import Letter
from .content.needs import Needs
from .letter_facts.provider import Kept, completed
from .outside import Outside
from .sendable import Sendable
from .settings import load as load_settings


@dataclass(slots=True)
class Draft:
    """A message about to be filled: whose, with which letter, and the coupons it was given."""

    one: Leased
    version: Sendable
    known: Facts
    filling: Filling
    letter: Letter | Compiled
    codes: Codes | None = None


class Furnishing:
    """Completes drafts. A chunk whose letters ask for nothing costs nothing."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        private_hosts: Collection[str] = (),
        unseal: Callable[[str], str] | None = None,
    ) -> None:
        self._db, self._clock, self._kept = db, clock, Kept()
        self._outside = Outside(db, private_hosts, unseal)

    async def complete(self, drafts: Sequence[Draft]) -> None:
        """Give the drafts what their letters ask for."""
        by_needs: dict[int, tuple[Needs, list[Draft]]] = {}
        for draft in drafts:
            if draft.letter.needs:
                by_needs.setdefault(id(draft.letter.needs), (draft.letter.needs, []))[1].append(draft)
        for needs, some in by_needs.values():
            await self._complete(needs, some)

    async def _complete(self, needs: Needs, drafts: Sequence[Draft]) -> None:
        now_ms, fillings = self._clock.now_ms(), [draft.filling for draft in drafts]
        if needs.of("outside"):
            zone = await self._db.aread(lambda tx: load_settings(tx).timezone)
            await self._outside.warm(fillings, needs, now_ms, zone)
        found = await self._db.aread(lambda tx: completed(tx, fillings, needs, now_ms, self._kept, samples=False))
        for draft, filling in zip(drafts, found, strict=True):
            draft.filling = filling
            if needs.of("coupon"):
                draft.codes = Codes()
                draft.filling = replace(filling, more={**filling.more, "_coupons": draft.codes})

    async def reserve(self, drafts: Sequence[Draft]) -> dict[int, coupons.NoCoupon]:
        """Coupons for what these drafts asked for in vain; why not, for those that cannot have them now."""
        wanted = [
            (draft.one.id, draft.known.contact_id, pool)
            for draft in drafts
            if draft.codes is not None
            for pool in draft.codes.lacking
        ]
        now_ms = self._clock.now_ms()
        given = await self._db.awrite(lambda tx: coupons.reserve(tx, wanted, now_ms))
        refused: dict[int, coupons.NoCoupon] = {}
        for draft in drafts:
            assert draft.codes is not None
            for pool in draft.codes.lacking:
                answer = given[draft.one.id, pool]
                if isinstance(answer, coupons.NoCoupon):
                    refused[draft.one.id] = answer
                else:
                    draft.codes.known[pool] = answer
            draft.codes.lacking.clear()
        return refused
