"""Texts straight to an operator's message centre, over SMPP 3.4."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from ..clock import SystemClock
from . import smpp_pdu as smpp
from .callback import Signal
from .channel import (
    Capabilities,
    Delivered,
    Health,
    Held,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unclear,
    Unreachable,
)
from .smpp_line import Centre, NoAnswerToIt, NotBound, SmppLine
from .smpp_texts import Gathering, international, read, receipt, units
from .sms_account import SmsChannel, SmsSettings

HARD, SOFT, LATER, OURS = "hard", "soft", "later", "ours"
# SMPP 3.4, 5.1.3: what it means for the text, and in our words
STATUSES: Mapping[int, tuple[str, str]] = {
    0x03: (OURS, "the centre does not know this command"),
    0x04: (OURS, "the account may not send"),
    0x08: (LATER, "a fault at the centre"),
    0x0A: (SOFT, "the centre does not take this sender"),
    0x0B: (HARD, "the number does not exist"),
    0x14: (LATER, "too many texts are waiting"),
    0x33: (HARD, "the number does not exist"),
    0x34: (HARD, "the number does not exist"),
    0x43: (SOFT, "the centre does not take this kind of text"),
    0x45: (SOFT, "the centre could not take it"),
    0x48: (SOFT, "the centre does not take this kind of sender"),
    0x49: (SOFT, "the centre does not take this kind of sender"),
    0x50: (HARD, "the centre does not take this kind of number"),
    0x51: (HARD, "the centre does not take this kind of number"),
    0x58: (LATER, "too many texts at a time"),
    0x64: (LATER, "the centre has a passing fault"),
    0x65: (SOFT, "the centre refuses the text for good"),
    0x66: (SOFT, "the centre refuses the text"),
    0x67: (LATER, "the number is barred at the moment"),
}
CALM_S = (1.0, 2.0, 4.0)  # between tries of a part when the centre asks for fewer

log = logging.getLogger(__name__)


class SmppSettings(SmsSettings):
    """An account at a message centre."""

    host: str = Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$", description="The centre's host.")
    port: int = Field(2775, ge=1, le=65_535, description="Its port.")
    tls: bool = Field(False, description="Whether the connection is encrypted; port 3550 often is.")
    system_id: str = Field(max_length=15, description="The name to sign in with.")
    password: SecretStr = Field(description="The password, of 8 letters at most.")
    system_type: str = Field("", max_length=12, description="What the operator asks for here, often nothing.")
    window: int = Field(10, ge=1, le=1_000, description="How many texts may wait for an answer at a time.")
    enquire_seconds: float = Field(30, gt=0, le=600, description="After so long a silence the centre is asked.")
    valid_minutes: int = Field(240, ge=1, le=1_439, description="After so long the centre gives a text up.")
    letters: Literal["gsm", "latin1"] = Field("gsm", description="How the centre wants plain letters.")
    receipt_ids: Literal["same", "hex_in_answer", "decimal_in_answer"] = Field(
        "same", description="Some centres name a text in one way when they take it and in another in the receipt."
    )


class Smpp(SmsChannel):
    """One account at a message centre."""

    name = "sms"
    carrier = "smpp"
    label = "SMPP"
    help = "Texts straight to an operator's message centre."
    capabilities = Capabilities(receipts=True, replies=True, sends=10)
    Settings = SmppSettings
    example: ClassVar[Mapping[str, Any]] = {
        "host": "smpp.example.com",
        "system_id": "shop",
        "password": "secret",
        "senders": ["+420601000000"],
        "prices": {"+420": 0.03},
    }
    settings: SmppSettings

    def __init__(self, settings: SmppSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        own, hosts = settings, tools.private_hosts
        self.width = own.window  # type: ignore[misc]  # a property of the account, not of the carrier
        centre = Centre(
            own.host, own.port, own.tls, own.system_id, own.password.get_secret_value(), own.system_type, own.window,
            own.per_second, own.enquire_seconds, frozenset(host.lower() for host in hosts),
        )  # fmt: skip
        self._line = SmppLine(centre, self._hear)
        self._numbers = itertools.count(random.randrange(256))
        self._gathering = Gathering()
        self._answers: set[asyncio.Task[Any]] = set()

    @classmethod
    def of(cls, settings: Any, tools: Tools) -> Smpp:
        return cls(settings, tools)

    def room(self) -> int:
        """Also keeps the line up where nothing is to be sent: receipts and answers come over it."""
        try:
            self._line.keep()
        except RuntimeError:  # no loop yet
            return 1
        return 1_000_000 if self._line.bound or not self._line.why else 0

    def health(self) -> Health:
        if self._line.bound or not self._line.why:
            return Health(True)
        return Health(
            False, f"The message centre takes no texts since {self._line.since:%d %b %H:%M} UTC: {self._line.why}"
        )

    async def close(self) -> None:
        for task in self._answers:
            task.cancel()
        await self._line.close()

    # ── to people ─────────────────────────────────────────────────────────────────────────────────────

    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        made = self.composed(parcel)
        if isinstance(made, Refused):
            return made
        sender, text = made
        try:
            await self._line.ready()
        except NotBound as problem:
            return Unreachable(str(problem))
        if not await before_body():
            return Held()
        made_of = self._units(sender, parcel.to, text)
        reference = ""
        for place, one in enumerate(made_of):
            try:
                answer = await self._patiently(one)
            except NotBound as problem:
                return Unclear(f"Only a part of the text left: {problem}") if place else Unreachable(str(problem))
            except NoAnswerToIt as problem:
                return Unclear(str(problem))
            if answer.status != smpp.OK:
                return self._refused(answer.status, place)
            reference = self._named(smpp.first_text(answer.body))
        return Delivered(0, "taken by the centre", reference, len(made_of), self.cost(parcel.to, len(made_of)))

    async def _patiently(self, one: smpp.Short) -> smpp.Unit:
        """A centre that wants fewer at a time has not taken this one, so it may be sent again."""
        for calm_s in CALM_S:
            answer = await self._line.ask(smpp.SUBMIT, smpp.short(one))
            if answer.status not in (smpp.THROTTLED, smpp.QUEUE_FULL):
                return answer
            self._line.rest(calm_s)
        return await self._line.ask(smpp.SUBMIT, smpp.short(one))

    def _refused(self, status: int, place: int) -> Outcome:
        meaning, words = STATUSES.get(status, (SOFT, "the centre refuses it"))
        if place and meaning != HARD:
            return Unclear(f"Only a part of the text was taken: {words} (error 0x{status:02X}).")
        if meaning == OURS:
            return Unreachable(f"{words} (error 0x{status:02X})")
        return TryLater(status, words) if meaning == LATER else Refused(status, words, meaning == HARD)

    def _units(self, sender: str, to: str, text: str) -> list[smpp.Short]:
        own = self.settings
        return units(sender, to, text, next(self._numbers), own.valid_minutes, own.letters == "latin1")

    def _named(self, reference: str) -> str:
        """What the centre calls a text, as its receipts will."""
        kind = self.settings.receipt_ids
        try:
            if kind == "hex_in_answer":
                return str(int(reference, 16))
            if kind == "decimal_in_answer":
                return f"{int(reference):x}"
        except ValueError:
            pass
        return reference

    # ── from people, and about texts ──────────────────────────────────────────────────────────────────

    async def _hear(self, text: smpp.Short) -> None:
        """Written down before it is confirmed."""
        signal = self._receipt(text) if text.kind & smpp.MASK == smpp.RECEIPT else self._written(text)
        if signal is None or self.tools.told is None:
            return
        await self.tools.told([signal])
        if signal.answer:
            task = asyncio.create_task(self._answer(signal))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    def _receipt(self, text: smpp.Short) -> Signal | None:
        name, word, why = receipt(text)
        if self.settings.receipt_ids != "same":
            name = name.lower().lstrip("0")
        key, who = f"{name} {word}", international(text.source)
        if not name or word not in ("DELIVRD", "UNDELIV", "REJECTD", "EXPIRED", "DELETED"):
            return None
        if word == "DELIVRD":
            return Signal("delivered", key, reference=name, address=who)
        return Signal(
            "failed", key, reference=name, address=who, text=f"{word.lower()} {why}".strip(), code=_whole(why)
        )

    def _written(self, text: smpp.Short) -> Signal | None:
        who, to = international(text.source), text.target[2].lstrip("+")
        said = self._gathering.whole(text, read(text, self.settings.letters == "latin1"))
        if said is None:
            return None
        minute = (self.tools.clock or SystemClock()).now_ms() // 60_000  # the centre gives it no name of its own
        key = hashlib.blake2b(f"{who} {to} {minute} {said}".encode("utf-8", "replace"), digest_size=16).hexdigest()
        sender = next((one for one in self.senders() if one.lstrip("+") == to), to)
        return self.heard(f"in {key}", who, sender, said)

    async def _answer(self, asked: Signal) -> None:
        try:
            for one in self._units(asked.sender or self.senders()[0], asked.address, asked.answer):
                await self._patiently(one)
        except (NotBound, NoAnswerToIt) as problem:
            log.warning("HELP was not answered: %s", problem)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
