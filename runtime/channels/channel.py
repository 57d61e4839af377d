"""What a channel is: it hands one message to one address, and says in our words what became of it."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, ClassVar

from ..content.brand import Brand
from ..content.letter import Rendered

GROUP = "sojourn.channels"
Mark = Callable[[], Awaitable[bool]]


# ── outcomes ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has it and said so."""

    code: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class TryLater:
    """The other side wants this message later. ``after_ms`` None leaves the waiting time to the outbox."""

    code: int
    text: str
    after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken. ``hard``: nothing will, at this address."""

    code: int
    text: str
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody could be asked, so it says nothing about this message: it waits with all the others."""

    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """`before_body` said no, so nothing left the house."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The body left and no answer came: nobody knows whether it arrived."""

    text: str


Outcome = Delivered | TryLater | Refused | Unreachable | Held | Unclear


# ── what goes through a channel ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, ready for hand-over."""

    message_id: int
    to: str
    rendered: Rendered
    brand: Brand
    unsubscribe_url: str = ""  # "" for a message nobody can unsubscribe from
    at_ms: int = 0  # when it is sent, by the instance's clock; 0 for the machine's


@dataclass(frozen=True, slots=True)
class Health:
    """How the way to the other side is, as a sentence. ``since`` is empty while it is open."""

    ok: bool
    text: str = ""


class Channel(ABC):
    """A way to people. One object serves the whole process, from one event loop.

    ``config`` of `open` holds the instance's configuration by key (``smtp_url`` …); a channel that is not
    configured returns None, and its messages wait.
    """

    name: ClassVar[str]  # as it stands in messages

    @classmethod
    @abstractmethod
    def open(cls, config: Mapping[str, Any]) -> Channel | None:
        """A channel ready to use, or None when nothing is configured for it."""

    @abstractmethod
    async def hand_over(self, parcel: Parcel, before_body: Mark) -> Outcome:
        """Hand one message over.

        Get as far as you can without giving the message away, then await ``before_body``. When it answers
        False, or raises, stop: nothing may leave. When it answers True, the message is marked as being
        sent, and from here to the answer of the other side nothing else may happen.
        """

    def room(self) -> int:
        """How many messages may be leased for this channel now; 1 to probe a server that was away, 0 to wait."""
        return 1_000_000

    def health(self) -> Health:
        """How the way to the other side is."""
        return Health(ok=True)

    async def close(self) -> None:  # noqa: B027  (most channels hold nothing)
        """Let go of connections."""


@cache
def found() -> dict[str, type[Channel]]:
    """Every channel there is, by name: the modules beside this one, and the entry points ``sojourn.channels``."""
    package = importlib.import_module(__package__ or "")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    for entry in entry_points(group=GROUP):
        entry.load()
    return {kind.name: kind for kind in _below(Channel)}


def open_all(config: Mapping[str, Any]) -> dict[str, Channel]:
    """The configured channels, by name."""
    opened = {name: kind.open(config) for name, kind in found().items()}
    return {name: channel for name, channel in opened.items() if channel is not None}


def _below(kind: type[Channel]) -> list[type[Channel]]:
    return [one for child in kind.__subclasses__() for one in (child, *_below(child))]
