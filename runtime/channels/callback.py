"""What carriers tell us by themselves: receipts, bounces, complaints, answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A request a carrier made to the account's callback address (`/hooks/NAME`)."""

    method: str
    url: str  # the whole address as the carrier sees it
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing a carrier told us. ``kind``: delivered, failed, bounced, complained, replied, stopped, started,
    opened or clicked. ``key`` names this very thing, so that it counts once however often it is told."""

    kind: str
    key: str
    reference: str = ""  # of our message, where the carrier names it
    address: str = ""  # who, where no message is named
    text: str = ""
    code: int = 0
    hard: bool = False
    at_ms: int | None = None
    sender: str = ""  # which of our numbers or names it is about
    cost: int | None = None
    answer: str = ""  # what we answered at once, as to HELP


@dataclass(frozen=True, slots=True)
class Reply:
    """What the carrier gets as an answer to its call.

    ``then`` is done once the signals are written down: an answer to a person that cannot stand in the answer itself.
    """

    signals: Sequence[Signal] = ()
    body: str = ""
    media_type: str = "text/plain"
    status: int = 200
    then: Callable[[], Awaitable[None]] | None = None


class Forged(Exception):
    """The call does not carry the carrier's signature: it is refused with 403 and changes nothing."""


class Malformed(Exception):
    """The call cannot be read: it is refused with 400 and changes nothing."""
