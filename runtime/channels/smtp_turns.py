"""Which letter of a chunk goes next: one provider that is slow, or asked for rest, holds up no letter to another."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ..pacing import name_of, whose
from .outcome import Outcome, TryLater, Unreachable
from .smtp_letter import SmtpLetter

REST_MS = 30_000  # after a provider asked to slow down, for what is in hand already
WAIT_S = 1.0  # for a place among those that are under way to a provider
AGAIN_MS = 10_000


class Turns:
    """What is under way to whom by one account, and who rests. ``at_once`` by provider or domain."""

    def __init__(self, at_once: Mapping[str, int] | None = None) -> None:
        self._at_once = dict(at_once or {})
        self._under_way: Counter[str] = Counter()
        self._rests: dict[str, int] = {}
        self._freed = asyncio.Event()

    def begin(self, whose: str, at_ms: int) -> bool:
        """Take a place, if there is one."""
        if self._rests and self.rests_ms(whose, at_ms):
            return False
        most = self._at_once.get(whose)
        if most is None:
            return True
        if self._under_way[whose] >= most:
            return False
        self._under_way[whose] += 1
        return True

    def end(self, whose: str) -> None:
        """Give it back."""
        if whose in self._at_once:
            self._under_way[whose] -= 1
            self._freed.set()

    def heard(self, whose: str, outcome: Outcome, at_ms: int) -> None:
        """Somebody who asks for less gets nothing for a moment."""
        if isinstance(outcome, TryLater) and outcome.kind == "slow":
            self._rests[whose] = at_ms + REST_MS

    def rests_ms(self, whose: str, at_ms: int) -> int:
        """So long nothing goes there, by the clock of the instance."""
        left = self._rests.get(whose, 0) - at_ms
        if left <= 0:
            self._rests.pop(whose, None)
        return max(0, left)

    async def changed(self) -> None:
        """Wait a moment for a place."""
        self._freed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), WAIT_S)

    def why_not(self, whose: str, at_ms: int) -> Unreachable:
        """Why a letter did not go."""
        rests_ms = self.rests_ms(whose, at_ms)
        if rests_ms:
            return Unreachable(f"{name_of(whose)} asked us to slow down", rests_ms)
        return Unreachable(f"{name_of(whose)} is busy with as many letters as it gets at once", AGAIN_MS)


class Round:
    """The letters of one chunk, each taken once."""

    def __init__(self, letters: Sequence[SmtpLetter], turns: Turns) -> None:
        self._turns = turns
        self.left = deque((whose(letter.to), letter) for letter in letters)
        self.under_way: list[tuple[str, SmtpLetter]] = []

    def now(self) -> SmtpLetter | None:
        """The first that may go at once, its place taken."""
        for _ in range(len(self.left)):
            to, letter = self.left.popleft()
            if self._turns.begin(to, letter.parcel.at_ms):
                self.under_way.append((to, letter))
                return letter
            self.left.append((to, letter))
        return None

    async def next(self) -> SmtpLetter | None:
        """The same, after a moment if need be."""
        found = self.now()
        if found is None and any(not self._turns.rests_ms(to, letter.parcel.at_ms) for to, letter in self.left):
            await self._turns.changed()
            found = self.now()
        return found

    def done(self, outcome: Outcome) -> None:
        """The first that is under way came to this."""
        to, letter = self.under_way.pop(0)
        self._turns.end(to)
        self._turns.heard(to, outcome, letter.parcel.at_ms)

    def over(self) -> None:
        """Nothing of it goes on."""
        for to, _ in self.under_way:
            self._turns.end(to)
        self.under_way.clear()
