"""What carriers of texts over HTTP share: one request a text, and what it means when none or half of it got through."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import ClassVar

from ..exchange.caller import Caller, Lost
from ..exchange.outgoing import Answer, OutgoingProblem
from .breaker import Breaker
from .channel import Health, Held, Outcome, Parcel, Refused, Tools, Unclear, Unreachable
from .sms_account import SmsChannel, SmsSettings


class SmsOverHttp(SmsChannel):
    """A carrier asked over HTTP. How a request is written and its answer read is the carrier's own."""

    who: ClassVar[str]  # as a sentence about it begins

    def __init__(self, settings: SmsSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._caller, self._breaker = Caller(tools.private_hosts), Breaker()

    @abstractmethod
    async def request(
        self, parcel: Parcel, sender: str, text: str, before: Callable[[], Awaitable[bool]]
    ) -> Answer | None:
        """Ask the carrier to take a text; None: it was held back."""

    @abstractmethod
    async def outcome(self, answer: Answer, parcel: Parcel, sender: str, text: str) -> Outcome:
        """What the answer means."""

    def room(self) -> int:
        return self._breaker.room()

    def health(self) -> Health:
        away = self._breaker.since
        return Health(away is None, f"{self.who} takes no texts: {self._breaker.why}" if away else "")

    async def close(self) -> None:
        await self._caller.close()

    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        made = self.composed(parcel)
        if isinstance(made, Refused):
            return made
        if not self._breaker.lets_through():
            return Unreachable(self._breaker.why)
        await self.turn()
        try:
            answer = await self.request(parcel, *made, before_body)
        except Lost as problem:
            self._breaker.dropped(str(problem))
            return Unclear(str(problem))
        except OutgoingProblem as problem:
            self._breaker.failed(str(problem))
            return Unreachable(str(problem))
        return Held() if answer is None else await self.outcome(answer, parcel, *made)
