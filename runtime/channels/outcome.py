"""What becomes of a message at the hands of a channel, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has it and said so.

    ``reference`` is what the other side calls it, so that its receipts find the message. ``units`` is what is paid
    for (parts of a text, sheets of paper), ``cost`` what it came to in millionths of the account's currency.
    ``gone`` are tokens of devices that exist no longer. ``learnt`` is written to the contact's profile.
    """

    code: int = 0
    text: str = ""
    reference: str = ""
    units: int = 0
    cost: int | None = None
    gone: tuple[str, ...] = ()
    learnt: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class TryLater:
    """The other side wants this message later. ``after_ms`` None leaves the waiting time to the outbox.

    ``kind`` says what it meant: slow (we are too fast for it), greylist, full, or busy.
    """

    code: int
    text: str
    after_ms: int | None = None
    kind: str = "busy"
    account: str = field(default="", compare=False)  # by which it was tried


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken. ``hard``: nothing will, at this address. ``gone`` are tokens that exist no longer.

    ``word`` is what the step is told where it is finer than failed: no_address.
    """

    code: int
    text: str
    hard: bool = False
    gone: tuple[str, ...] = ()
    word: str | None = None
    account: str = field(default="", compare=False)  # by which it was tried


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody could be asked, so it says nothing about this message: it waits with all the others.

    ``after_ms``: so long at least, where others of the medium may go meanwhile.
    """

    text: str
    after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The mark said no, so nothing left the house."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The message left and no answer came: nobody knows whether it arrived."""

    text: str


Outcome = Delivered | TryLater | Refused | Unreachable | Held | Unclear
