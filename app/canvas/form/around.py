"""What widgets may ask of the place they stand in: what was seen, what there is, steps, letters, counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: ``value`` is taken, ``note`` says more about it."""

    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A property that was seen, with some of its values, the usual first."""

    name: str
    note: str = ""
    samples: tuple[Any, ...] = ()


async def _nothing(*_: Any) -> list[Any]:
    return []


async def _no_words(*_: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Around:
    """Everything is a question, so that nothing is read before somebody wants to see it.

    ``subject`` names the event whose properties are meant; none means those of the contacts.
    """

    readonly: bool = False
    inside: bool = True  # whether this is about people in a journey, who have come in by some event
    events: Callable[[], Awaitable[Sequence[Option]]] = _nothing
    properties: Callable[[str | None], Awaitable[Sequence[Seen]]] = _nothing
    segments: Callable[[], Awaitable[Sequence[Option]]] = _nothing
    topics: Callable[[], Awaitable[Sequence[Option]]] = _nothing
    journeys: Callable[[], Awaitable[Sequence[Option]]] = _nothing
    matching: Callable[[Any], Awaitable[str]] = _no_words  # how many contacts meet a rule, in words
    subject: Callable[[], str | None] = lambda: None
    started_by: Callable[[], str | None] = lambda: None  # the event that starts the journey
    senders: Callable[[], Sequence[Option]] = lambda: ()  # steps that send something
    letters: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    picture: Callable[[str], str] = lambda name: ""  # the address of a letter's preview
    new_letter: Callable[[str], str | None] | None = None  # makes one of a medium, says its name
    open_letter: Callable[[str], None] | None = None

    def about(self, subject: Callable[[], str | None]) -> Around:
        """The same place, where properties are those of this event."""
        return replace(self, subject=subject)
