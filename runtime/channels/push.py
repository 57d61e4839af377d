"""Push to phones: what such a message says, and how it goes to every device of somebody at once."""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar, Literal

import orjson
from pydantic import Field

from ..content.links import Links
from ..exchange.caller import Caller, Lost
from ..exchange.outgoing import Answer, OutgoingProblem
from ..exchange.tickets import text64
from .breaker import Breaker
from .channel import Delivered, Health, OneByOne, Outcome, Parcel, Refused, Token, TryLater, Unclear, Unreachable
from .medium import Form, Medium, Template
from .switchboard import merged

LARGEST = 4_096  # bytes of a message, for both services
SECOND_MS = 1_000
RESERVED = re.compile(r"^(from|message_type|collapse_key|notification|aps|google\..*|gcm\..*|sojourn_.*)$")
Ask = Callable[[], Awaitable[bool]]


class PushForm(Form):
    """What a push to phones says."""

    title: Template = Field("", description="The line in bold.")
    text: Template = Field("", description="What the message says.")
    link: Template = Field("", description="Where a tap leads: a page, or a place inside the app (myapp://orders/7).")
    image: Template = Field("", description="The address of a picture, where the app shows pictures.")
    data: dict[str, Template] = Field(default_factory=dict, description="Further values for the app, by name.")
    silent: bool = Field(False, description="Shows nothing: it only wakes the app, and disturbs nobody.")
    collapse_key: Template = Field("", description="A newer message with the same key takes the place of an older one.")
    badge: int | None = Field(None, ge=0, le=9999, description="The number at the app's icon (iOS); 0 takes it away.")
    sound: str = Field("default", max_length=100, description="A sound of the app; empty for none.")
    android_channel: str = Field("", max_length=200, description="The notification channel of the app on Android.")
    urgency: Literal["normal", "high"] = Field("high", description="Normal may wait until the phone is in use.")
    expires_hours: int = Field(
        72, ge=0, le=672, description="A phone that was off for longer does not get it; 0: now or never."
    )

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        found = []
        if not said.get("silent") and not said.get("title") and not said.get("text"):
            found.append("A push that is not silent needs a title or a text.")
        data = said.get("data") or {}
        taken = [name for name in data if RESERVED.match(name)]
        found += [f"The name “{name}” is taken by the push services: choose another." for name in taken]
        size = len(orjson.dumps([str(said.get(key) or "") for key in ("title", "text", "link", "image")] + [data]))
        if size > LARGEST - 600:  # signed addresses and the envelope take the rest
            found.append(
                f"It has {size:,} bytes before it is filled; the push services take 4,096 with their envelope."
            )
        return found

    @classmethod
    def signed(cls, fields: Mapping[str, Any], links: Links, message_id: int) -> Mapping[str, Any]:
        """Addresses the app calls when the message is opened, or its link followed."""
        link = str(fields.get("link") or "")
        return {"opened": links.pixel(message_id), "clicked": links.click(message_id, link) if link else ""}


PUSH = Medium("push", "Push", "smartphone", "device", PushForm, "A message on the phones of people who use your app.")


def data_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """What the app gets beside what is shown; every value a text, as FCM has it."""
    ours = {f"sojourn_{name}": fields.get(name) or "" for name in ("link", "opened", "clicked")}
    own = {str(key): str(value) for key, value in (fields.get("data") or {}).items()}
    return own | {name: value for name, value in ours.items() if value}


class ToDevices(OneByOne):
    """A push service that takes one request a device. A message is taken when any device of the contact took it:

    it is not tried again for the others, so nobody gets it twice on one device.
    """

    width = 20
    one_service: ClassVar[bool] = True  # one server for all devices, so that it can be away

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._breaker = Breaker()

    def mine(self, device: Token) -> bool:
        """Whether this account reaches the device."""
        return device.carrier == self.carrier

    @abstractmethod
    async def to_device(self, parcel: Parcel, device: Token, ask: Ask) -> Outcome:
        """One request. ``ask`` is the mark, asked once for all devices of the contact."""

    def serves(self, parcel: Parcel) -> bool:
        return any(map(self.mine, parcel.devices))

    def room(self) -> int:
        return self._breaker.room()

    def health(self) -> Health:
        since = self._breaker.since
        if since is None:
            return Health(ok=True)
        return Health(False, f"{self.label} takes no messages since {since:%d %b %H:%M} UTC: {self._breaker.why}")

    async def close(self) -> None:
        await self._caller.close()

    async def hand_one(self, parcel: Parcel, before_body: Ask) -> Outcome:
        devices = [device for device in parcel.devices if self.mine(device)]
        if not devices:
            return Refused(0, "None of the contact's devices is reached by this account.")
        if not self._breaker.lets_through():
            return Unreachable(self._breaker.why)
        ask = Once(before_body)
        outcomes = await asyncio.gather(*(self._safely(parcel, device, ask) for device in devices))
        whole = merged(outcomes)
        assert whole is not None
        taken = sum(isinstance(one, Delivered) for one in outcomes)
        if isinstance(whole, Delivered) and len(devices) > 1:
            return replace(whole, text=f"Taken by {taken} of {len(devices)} devices.")
        if isinstance(whole, Refused) and set(whole.gone) >= {device.token for device in devices}:
            return replace(whole, text="The app was taken off every device they had.")
        return whole

    async def _safely(self, parcel: Parcel, device: Token, ask: Once) -> Outcome:
        """A fault with one device is no fault of the others."""
        try:
            return await self.to_device(parcel, device, ask)
        except Lost as problem:
            if self.one_service:
                self._breaker.dropped(str(problem))
            return Unclear(f"{problem} ({self.label})")
        except OutgoingProblem as problem:
            return self.fault(str(problem)) if self.one_service else TryLater(0, str(problem))
        except Exception as error:
            said = f"The hand-over broke off: {error!r}."
            return Unclear(said) if ask.said else TryLater(0, said)

    def fault(self, why: str) -> Unreachable:
        """The account is at fault, not the message: everything waits until it is put right."""
        self._breaker.failed(why)
        return Unreachable(why)


class Once:
    """The mark of a message, asked by the first device that is ready; the others hear the same answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._answer: asyncio.Task[bool] | None = None

    async def __call__(self) -> bool:
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._ask())  # type: ignore[arg-type]
        return await asyncio.shield(self._answer)

    @property
    def said(self) -> bool:
        """Whether it may have left."""
        answer = self._answer
        if answer is None or (answer.done() and (answer.cancelled() or answer.exception() is not None)):
            return False
        return not answer.done() or answer.result()


def later(answer: Answer, code: int, text: str, at_least_s: int = 0) -> TryLater:
    """Later, not before the service wants it."""
    seconds = max(answer.retry_after_s or 0, at_least_s)
    return TryLater(code, text, seconds * SECOND_MS or None)


def short_key(key: str, longest: int) -> str:
    """A collapse key as a service takes it: itself where it is short and plain, else a digest of it."""
    if len(key) <= longest and re.fullmatch(r"[A-Za-z0-9_-]+", key):
        return key
    return text64(sha256(key.encode()).digest())[:longest]
