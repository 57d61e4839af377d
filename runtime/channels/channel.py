"""What a channel is: a carrier of one medium. It hands messages over, and says in our words what became of each."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from ...storage.database import Database
from ..clock import Clock
from .callback import Call, Forged, Malformed, Reply, Signal
from .medium import Medium
from .outcome import Delivered, Held, Outcome, Refused, TryLater, Unclear, Unreachable
from .parcel import Parcel, Price, Token

__all__ = [
    "AccountSettings",
    "Call",
    "Capabilities",
    "Channel",
    "Delivered",
    "Forged",
    "Health",
    "Held",
    "Malformed",
    "Mark",
    "OneByOne",
    "Outcome",
    "Parcel",
    "Price",
    "Refused",
    "Reply",
    "Signal",
    "Token",
    "Tools",
    "TryLater",
    "Unclear",
    "Unreachable",
    "carriers",
    "found",
    "media",
    "open_all",
]

GROUP = "sojourn.channels"

log = logging.getLogger(__name__)


class Mark(Protocol):
    """What a channel asks just before messages leave."""

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        """Which of these may leave, now marked as being sent."""
        ...

    def tell(self, message_id: int, outcome: Outcome) -> None:
        """What became of one while others of the same hand-over are still under way: so less is lost in a crash."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """How the way to the other side is, as a sentence."""

    ok: bool
    text: str = ""


# ── channels ──────────────────────────────────────────────────────────────────────────────────────────


class AccountSettings(BaseModel):
    """What the owner sets for an account. A field that is a `pydantic.SecretStr` is kept sealed and never shown."""

    # what was typed stands in no error: it may be a secret, and errors are logged and shown
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the house gives a channel."""

    config: Mapping[str, Any]  # the instance's configuration by key
    account: str = ""  # the account's name
    private_hosts: frozenset[str] = frozenset()  # of our own network, that may be called
    callback_url: str = ""  # where the carrier reaches us for this account; "" when nobody outside can
    db: Database | None = None
    clock: Clock | None = None
    home: Path | None = None  # the instance's folder
    told: Callable[[Sequence[Signal]], Awaitable[None]] | None = None  # takes in what comes over a line of its own
    derive: Callable[[str], bytes] | None = None  # keys of this instance, by purpose


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier can do beside taking messages."""

    receipts: bool = False
    replies: bool = False
    sends: int = 1  # messages it takes in one go


class Channel(ABC):
    """A carrier of one medium. One object serves one account in the whole process, from one event loop.

    `name` is the medium, `carrier` who carries it. A carrier with `Settings` has accounts (`sojourn channels import`)
    and is opened by `of`; one without is opened by `open` from the instance's configuration, if it is set up there,
    or by `at_home`.
    """

    name: ClassVar[str]
    carrier: ClassVar[str] = ""
    label: ClassVar[str] = ""  # "Twilio"
    help: ClassVar[str] = ""
    capabilities: ClassVar[Capabilities] = Capabilities()
    Settings: ClassVar[type[AccountSettings] | None] = None
    example: ClassVar[Mapping[str, Any]] = {}  # settings that work, shown in the docs

    @classmethod
    def open(cls, config: Mapping[str, Any]) -> Channel | None:
        """A channel ready to use from the instance's configuration, or None when nothing is configured for it."""
        return None

    @classmethod
    def at_home(cls, tools: Tools) -> Channel | None:
        """A channel that needs nothing from outside: one of the house itself. None for all others."""
        return None

    @classmethod
    def of(cls, settings: Any, tools: Tools) -> Channel:
        """A channel for one account. ``settings`` is an instance of `Settings`."""
        raise NotImplementedError(f"{cls.__name__} has no accounts.")

    @abstractmethod
    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        """Hand messages over, one outcome for each, in order.

        Get as far as you can without giving a message away, then await ``before_body`` with the ids of those about
        to leave. Those it does not answer with must stay (`Held`), and all of them when it raises. The others are
        marked as being sent, and from here to the answer of the other side nothing else may happen to them.
        """

    def senders(self) -> tuple[str, ...]:
        """The numbers or names it writes from, where people can say STOP to one of them."""
        return ()

    def serves(self, parcel: Parcel) -> bool:
        """Whether it can carry this one at all (a country, a kind of device)."""
        return True

    def owed_alone(self) -> bool:
        """Whether it carries nothing but what is owed to people, so that no marketing ever waits for it."""
        return False

    def price(self, fields: Mapping[str, Any], to: str = "") -> Price | None:
        """What such a message costs. None where nobody counts."""
        return None

    def warnings(self) -> Sequence[str]:
        """What the owner should know of an account set up like this."""
        return ()

    def read(self, call: Call) -> Reply:
        """What a carrier tells us. Raises `Forged` and `Malformed`."""
        raise Malformed(f"{self.label or self.name} tells us nothing by itself.")

    async def hear(self, call: Call) -> Reply:
        """The same, where it has to be asked elsewhere whether the call is genuine."""
        return self.read(call)

    def room(self) -> int:
        """How many messages may be leased for this channel now; 1 to probe a server that was away, 0 to wait."""
        return 1_000_000

    def health(self) -> Health:
        """How the way to the other side is."""
        return Health(ok=True)

    async def close(self) -> None:  # noqa: B027
        """Let go of connections; most channels hold none."""


class OneByOne(Channel):
    """A channel whose other side takes one message at a time, up to `width` of them beside each other."""

    width: ClassVar[int] = 1

    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        slots = asyncio.Semaphore(self.width)

        async def one(parcel: Parcel) -> Outcome:
            async with slots:
                outcome = await self._guarded(parcel, before_body)
                before_body.tell(parcel.message_id, outcome)
                return outcome

        return list(await asyncio.gather(*(one(parcel) for parcel in parcels)))

    async def _guarded(self, parcel: Parcel, before_body: Mark) -> Outcome:
        """A fault of ours with one message is no fault of the others beside it."""
        passed = False

        async def mark() -> bool:
            nonlocal passed
            passed = parcel.message_id in await before_body([parcel.message_id])
            return passed

        try:
            return await self.hand_one(parcel, mark)
        except Exception as error:
            log.exception("The channel %s failed with message %d.", self.name, parcel.message_id)
            if passed:
                return Unclear(f"The hand-over broke off: {error!r}.")
            return TryLater(0, f"the channel failed: {error!r}")

    @abstractmethod
    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        """Hand one message over. ``before_body`` answers whether it may leave; when it answers False, it stays."""


# ── finding them ──────────────────────────────────────────────────────────────────────────────────────


@cache
def found() -> list[type[Channel]]:
    """Every channel there is: the modules beside this one, and the entry points ``sojourn.channels``."""
    _modules()
    return [kind for kind in _below(Channel) if getattr(kind, "name", "")]


@cache
def media() -> dict[str, Medium]:
    """Every medium there is, by name: what the modules of channels declare."""
    declared = [value for module in _modules() for value in vars(module).values() if isinstance(value, Medium)]
    return {medium.name: medium for medium in declared}


def carriers(medium: str) -> dict[str, type[Channel]]:
    """The carriers of a medium that have accounts, by name."""
    return {kind.carrier: kind for kind in found() if kind.name == medium and kind.Settings is not None}


def open_all(tools: Tools) -> dict[str, Channel]:
    """The channels that need no account, by name: of the instance's configuration, and of the house."""
    kinds = [kind for kind in found() if kind.Settings is None]
    opened = [(kind.name, kind.open(tools.config) or kind.at_home(tools)) for kind in kinds]
    return {name: channel for name, channel in opened if channel is not None}


@cache
def _modules() -> list[Any]:
    package = importlib.import_module(__package__ or "")
    names = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(name) for name in names]
    loaded = [entry.load() for entry in entry_points(group=GROUP)]
    return [*modules, *(one for one in loaded if not isinstance(one, type))]


def _below(kind: type[Channel]) -> list[type[Channel]]:
    return [one for child in kind.__subclasses__() for one in (child, *_below(child))]
