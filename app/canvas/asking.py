"""What forms may ask: an open journey itself, and what this instance has seen."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from ...nodes.rule import Rule
from ...runtime.audience import Audience, audience, known_before
from ...runtime.contracts import catalogue
from ...storage import catalog, journeys, segments, topics
from ...storage.catalog import PropertySeen
from ...storage.columns import dump
from .. import words
from . import beginnings, contents
from .desk import Desk
from .form.around import Around, Option, Seen
from .form.several import spell
from .letter_proof import started_by

if TYPE_CHECKING:
    from ..instance import Instance

T = TypeVar("T")

FRESH_S = 20.0  # so long an answer of the store is good enough
SHOWN = 4  # values named beside a property


def around(desk: Desk) -> Around:
    """The surroundings of every form at this desk."""
    asking = Asking(desk.instance)
    return Around(
        readonly=not desk.may_edit,
        events=asking.events,
        properties=asking.properties,
        segments=asking.segments,
        topics=asking.topics,
        journeys=asking.journeys,
        matching=asking.matching,
        started_by=lambda: started_by(desk.room.content),
        senders=lambda: senders(desk),
        letters=lambda: desk.room.content.get("letters") or {},
        picture=lambda name: picture(desk, name),
        new_letter=lambda medium: new_letter(desk, medium),
        open_letter=lambda name: open_letter(desk, name),
    )


class Asking:
    """Reads of the store, off the loop and remembered for a moment."""

    def __init__(self, instance: Instance) -> None:
        self._at = instance
        self._known: dict[Any, tuple[float, Any]] = {}

    async def events(self) -> Sequence[Option]:
        """Events seen so far, the latest first, then those a contract speaks of."""
        now = self._at.clock.now_ms()
        found = await self._once("events", lambda: self._at.db.aread(catalog.events_seen))
        agreed = await self._once("contracts", lambda: self._at.db.aread(lambda tx: catalogue.everyone(tx, now)))
        there = {each.name for each in found}
        expected = [Option(each.name, each.title or "not seen yet") for each in agreed if each.name not in there]
        return [
            Option(
                each.name,
                f"{words.number(each.count)}{'+' if each.count >= catalog.COUNTED else ''} · "
                f"{words.ago(each.last_ms, now)}",
            )
            for each in found
        ] + expected

    async def properties(self, event: str | None) -> Sequence[Seen]:
        """Properties of this event, or of the contacts, with a few values."""
        db = self._at.db
        read = catalog.contact_properties if event is None else lambda tx: catalog.event_properties(tx, event)
        found: list[PropertySeen] = await self._once(("properties", event), lambda: db.aread(read))
        seen = [Seen(each.name, ", ".join(map(spell, each.samples[:SHOWN])), each.samples) for each in found]
        if event is None:
            return seen
        there = {each.name for each in seen}
        agreed = await self._once(("contract", event), lambda: db.aread(lambda tx: catalogue.properties(tx, event)))
        return seen + [Seen(name, about, ()) for name, about in agreed.items() if name not in there]

    async def segments(self) -> Sequence[Option]:
        """The segments of the library."""
        found = await self._once("segments", lambda: self._at.db.aread(segments.segments))
        return [Option(each.name, f"{each.title} · {words.number(each.size)}") for each in found]

    async def topics(self) -> Sequence[Option]:
        """What people can agree to."""
        found = await self._once("topics", lambda: self._at.db.aread(topics.catalogue))
        return [Option(each.name, each.said("en")) for each in found]

    async def journeys(self) -> Sequence[Option]:
        """Every journey."""
        found = await self._once("journeys", lambda: self._at.db.aread(journeys.journeys))
        return [Option(each.name, each.title) for each in found]

    async def matching(self, written: Any) -> str:
        """How many contacts meet a rule, in words."""
        try:
            rule = Rule.model_validate(written)
        except (ValidationError, RecursionError):
            return ""
        if not known_before(rule):
            return "How many this is depends on what happens inside the journey."
        now = self._at.clock.now_ms()
        found = await self._at.db.aread(lambda tx: audience(tx, rule, now))
        return count_words(found)

    async def _once(self, key: Any, read: Callable[[], Awaitable[T]]) -> T:
        known = self._known.get(key)
        if known is None or time.monotonic() - known[0] > FRESH_S:
            known = self._known[key] = (time.monotonic(), await read())
        return known[1]


def count_words(found: Audience) -> str:
    """An audience as a sentence."""
    if not found.total:
        return "There is no contact yet."
    total = words.number(found.total)
    if found.exact:
        return f"{words.number(found.matched)} of {total} contacts"
    return f"about {words.number(found.estimate)} of {total} contacts (from {words.number(found.seen)} of them)"


def senders(desk: Desk) -> list[Option]:
    """The steps that send something."""
    return [Option(key, node.title) for key, node in desk.room.graph.nodes.items() if node.contents()]


def picture(desk: Desk, name: str) -> str:
    """Where the preview of a letter is shown; another address after every change, so that no old one is seen."""
    letter: Mapping[str, Any] = (desk.room.content.get("letters") or {}).get(name) or {}
    stamp = sha256(dump(letter).encode()).hexdigest()[:12]
    return f"/journeys/{quote(desk.room.name, safe='')}/letters/{quote(name, safe='')}/preview?{stamp}"


def new_letter(desk: Desk, medium: str = "email") -> str | None:
    """A fresh letter or message in the journey; its name, or None when it was refused."""
    name = beginnings.free_name(contents.stem(medium), desk.room.content.get("letters") or {})
    answer = desk.submit({"op": "journey", "letters": {name: contents.fresh(medium)}})
    return name if answer.ok else None


def open_letter(desk: Desk, name: str) -> None:
    """Show this letter in the letters panel."""
    desk.letter = name
    desk.open("letters")
