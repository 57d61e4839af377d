"""Fetches what nodes need to know, with one query per need for a whole batch of contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..nodes.operators import UNITS, reader, units
from ..nodes.outcomes import Fallback, Try
from ..nodes.rule import passes
from ..nodes.step import (
    DAY_MS,
    HOUR_MS,
    CapNeed,
    ConsentNeed,
    EventNeed,
    FeatureNeed,
    JourneyNeed,
    MessageNeed,
    Need,
    PolicyNeed,
    ProfileNeed,
    SegmentNeed,
    TriggerNeed,
    stretch,
)
from ..storage import entering, facts
from ..storage.columns import load
from ..storage.database import Row, Tx
from .policy.in_force import current
from .program import Program

NOTHING: dict[str, Any] = {}
ADDRESSED = frozenset(("email", "phone", "external_id", "created_at"))


def profile_of(properties: Any, email: Any, phone: Any, external_id: Any, created_at: Any) -> dict[str, Any]:
    """A contact as nodes and letters see it: its properties and what it is addressed by."""
    return {
        **load(properties),
        "email": email,
        "phone": phone,
        "external_id": external_id,
        "created_at": created_at,
    }


def properties_of(profile: dict[str, Any]) -> dict[str, Any]:
    """The properties alone, without what the contact is addressed by."""
    return {key: value for key, value in profile.items() if key not in ADDRESSED}


@dataclass(slots=True)
class Knowledge:
    """What is known of one claimed batch. Columns cover the batch, and are filled for the rows asked about."""

    tx: Tx
    program: Program
    now_ms: int
    enrollment: Sequence[int]
    contact: Sequence[int]
    entered_ms: Sequence[int]
    since_ms: Sequence[int]
    event: Sequence[int | None]
    _profiles: list[dict[str, Any] | None] = field(default_factory=list)

    def about(self, needs: Iterable[Need], rows: list[int]) -> dict[Need, Sequence[Any]]:
        """A column for each need, right at least for these rows."""
        return {need: self._column(need, rows) for need in needs}

    def _column(self, need: Need, rows: list[int]) -> Sequence[Any]:
        if isinstance(need, ProfileNeed):
            return self.profiles(rows)
        if isinstance(need, EventNeed):
            return self._events(need, rows)
        if isinstance(need, MessageNeed):
            return self._messages(need, rows)
        if isinstance(need, CapNeed):
            return self._caps(need, rows)
        if isinstance(need, TriggerNeed):
            return self._triggers(rows)
        if isinstance(need, PolicyNeed):
            return [_policy(self.tx)] * len(self.contact)
        contacts = [self.contact[row] for row in rows]
        if isinstance(need, JourneyNeed):
            found = facts.journey_counts(self.tx, contacts, need.journey, need.was, *stretch(need, self.now_ms))
            return self._spread(rows, self.contact, found)
        if isinstance(need, FeatureNeed):
            return self._spread(rows, self.contact, facts.features(self.tx, contacts, need.feature, self.now_ms), None)
        if isinstance(need, SegmentNeed):
            members = facts.members(self.tx, contacts, need.segment)
            return self._spread(rows, self.contact, dict.fromkeys(members, True), False)
        if isinstance(need, ConsentNeed):
            said = facts.consent_states(self.tx, contacts, need.channel, need.topic)
            return self._spread(rows, self.contact, said, None)
        raise TypeError(f"Nobody knows how to find out {need!r}.")

    def profiles(self, rows: list[int]) -> list[Any]:
        """The profiles of these rows; kept, so that a change made in this walk is seen by the next node."""
        if not self._profiles:
            self._profiles = [None] * len(self.contact)
        known = self._profiles
        missing = {self.contact[row]: row for row in rows if known[row] is None}
        for contact, *profile in entering.profiles(self.tx, list(missing)) if missing else ():
            known[missing[contact]] = profile_of(*profile)
        return known

    def _spread(self, rows: list[int], keys: Sequence[int], found: Mapping[int, Any], nothing: Any = 0) -> list[Any]:
        column = [nothing] * len(self.contact)
        if found:
            for row in rows:
                column[row] = found.get(keys[row], nothing)
        return column

    def _events(self, need: EventNeed, rows: list[int]) -> list[Any]:
        contacts = [self.contact[row] for row in rows]
        floor, ceiling = stretch(need, self.now_ms)
        if need.since == "ever" and not need.where and not need.on_days and need.sum is None:
            found = facts.event_counts(self.tx, contacts, need.event, floor, ceiling)
            return self._spread(rows, self.contact, found)
        starts = self.since_ms if need.since == "arrived" else self.entered_ms
        own = need.since != "ever"
        # An event may carry an earlier time than it was received at; a day is as far as we look back for one.
        earliest = max(floor, min(starts[row] for row in rows) - DAY_MS) if own else floor
        by_contact: dict[int, list[Row]] = {}
        for contact, *event in facts.events_of(self.tx, contacts, need.event, earliest, ceiling):
            if not need.where or passes(need.where, load(event[3])):
                by_contact.setdefault(contact, []).append(tuple(event))
        column: list[Any] = [0] * len(self.contact)
        for row in rows:
            column[row] = _measure(
                need,
                [
                    event
                    for event in by_contact.get(self.contact[row], ())
                    if not own or (event[2] >= starts[row] and event[0] != self.event[row])
                ],
            )
        return column

    def _messages(self, need: MessageNeed, rows: list[int]) -> Sequence[Any]:
        if need.what == "tries":
            return self._tries(self.program.index(need.node or ""), rows)
        since, until = stretch(need, self.now_ms)
        keys = self.contact if need.node is None else self.enrollment
        node = None if need.node is None else self.program.index(need.node)
        ids = [keys[row] for row in rows]
        found = facts.message_facts(
            self.tx, need.what, ids, node=node, channel=need.channel, since_ms=since, until_ms=until
        )
        return self._spread(rows, keys, found)

    def _tries(self, node: int, rows: list[int]) -> list[tuple[Try, ...]]:
        """What a step queued for each since they arrived at it this time."""
        row_of = {self.enrollment[row]: row for row in rows}
        column: list[tuple[Try, ...]] = [()] * len(self.contact)
        for enrollment, turn, queued, sent, opened in facts.tries(self.tx, list(row_of), node):
            row = row_of[enrollment]
            if queued >= self.since_ms[row]:
                column[row] += (Try(turn, sent, bool(opened)),)
        return column

    def _caps(self, need: CapNeed, rows: list[int]) -> list[int]:
        journey = self.program.journey_id if need.this_journey else None
        after = self.now_ms // HOUR_MS - need.hours
        contacts = [self.contact[row] for row in rows]
        found = facts.cap_counts(self.tx, contacts, after, channel=need.channel, journey_id=journey)
        return self._spread(rows, self.contact, found)

    def _triggers(self, rows: list[int]) -> list[dict[str, Any]]:
        wanted = sorted({event for row in rows if (event := self.event[row]) is not None})
        found = {
            event_id: {"event": name, "at": at, "properties": load(properties)}
            for event_id, name, at, properties in (facts.events_by_id(self.tx, wanted) if wanted else ())
        }
        column: list[dict[str, Any]] = [NOTHING] * len(self.contact)
        for row in rows:
            event = self.event[row]
            if event is not None:
                column[row] = found.get(event, NOTHING)
        return column


def _policy(tx: Tx) -> Fallback:
    """What the owner's policy says about trying another channel, as steps read it."""
    said = current(tx).fallback
    order = {channel: tuple(others) for channel, others in said.order.items()}
    return Fallback(order, frozenset(said.when), said.unopened_after)


def _measure(need: EventNeed, events: list[Row]) -> int | float:
    """What a need asks of one contact's events (id, at, received_at, properties): how many, on how many days, a sum."""
    if need.sum is not None:
        read = reader(need.sum)
        return sum(units(read(load(event[3]))) for event in events) / UNITS
    return len({event[1] // DAY_MS for event in events}) if need.on_days else len(events)
