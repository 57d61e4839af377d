"""Everything the gate goes by beside the facts: the policy, the rule about silence, the media, ready for batches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from orjson import loads

from ...storage.handover import Asked, Facts
from ..channels.channel import media as every_medium
from ..channels.medium import Medium
from .dialling import dialled
from .hours import Opening, Timetable
from .hygiene import Silence
from .policy import CLASSES, NOTHING_SET, Cap, Policy
from .whereabouts import Place, place_of

if TYPE_CHECKING:
    from .room import Room

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
WHERE = ("timezone", "country", "country_code", "region", "state", "city", "latitude", "longitude")  # see place_of
ENGAGEMENT = "engagement"  # the figure that says who reads most
NOUNS = {"email": "e-mails", "sms": "text messages", "push": "push messages", "web_push": "push messages"}


class Count(NamedTuple):
    """A cap, ready to count."""

    cap: Cap
    name: str
    most: int | None  # None: by a figure of the contact
    per_ms: int
    calendar: bool


class Held(dict[tuple[str, str, int], frozenset[str]]):
    """By channel, topic and rank the names of the caps that count and hold such messages; worked out when asked."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __missing__(self, kind: tuple[str, str, int]) -> frozenset[str]:
        found = self[kind] = frozenset(count.name for count in self._rules.caps(*kind))
        return found


@dataclass(slots=True)
class Rules:
    """Made once for each policy and kept: it remembers what it worked out. For one thread at a time."""

    policy: Policy = NOTHING_SET
    silence: Silence = field(default_factory=Silence)
    zone: str = "UTC"  # of people whose own is not known
    media: Mapping[str, Medium] = field(default_factory=every_medium)
    senders: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of ours, by channel, where we know them all
    open_to: Collection[str] | None = None  # channels that take messages now; None: all
    limited: bool = False  # whether a sender is warmed up, or marketing stands still at a provider
    room: Room | None = None  # what is left of today then
    timetable: Timetable = field(init=False)
    held: Held = field(init=False)
    counts: bool = field(init=False)  # whether there is anything to count
    timed: bool = field(init=False)  # whether there are hours to keep
    chained: bool = field(init=False)  # whether a chain of fallbacks takes one place
    patience_ms: tuple[int, ...] = field(init=False)  # how long a message of each rank may wait after it was queued
    window_ms: int = field(init=False)  # as far back as anything is counted
    cooling_ms: int = field(init=False)  # as far back as a setback matters
    here: dict[int, Place] = field(default_factory=dict, init=False)  # of the contacts of this batch
    _caps: dict[tuple[str, str, int], tuple[Count, ...]] = field(default_factory=dict, init=False)
    _reach: dict[str, tuple[bool, bool]] = field(default_factory=dict, init=False)
    _why: dict[tuple[Opening, str], str] = field(default_factory=dict, init=False)
    _places: dict[tuple[object, ...], Place] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        policy, conduct = self.policy, self.policy.behaviour
        self.patience_ms = tuple(policy.expiry.of(rank) for rank in range(len(CLASSES)))
        self.timetable = Timetable(policy.quiet_hours, policy.working_hours)
        self.timed = bool(policy.quiet_hours or policy.working_hours)
        self.held = Held(self)
        self.chained = policy.fallback.counts_once
        self.counts = bool(policy.caps or policy.cool_down)
        spans = [cap.per + (DAY_MS if cap.window == "calendar" else 0) for cap in policy.caps]
        self.window_ms = max([*spans, *policy.cool_down.values()], default=0)
        self.cooling_ms = max(conduct.after_complaint, conduct.after_negative_reply, conduct.after_bounce)

    def asks(self, now_ms: int) -> Asked:
        """What has to be known of each message."""
        figures = sorted(
            {cap.by.feature for cap in self.policy.caps if cap.by} | ({ENGAGEMENT} if self.limited else set())
        )
        return Asked(
            {name: medium.address for name, medium in self.media.items()},
            now_ms - self.window_ms if self.counts else None,
            now_ms - WEEK_MS,
            now_ms - self.cooling_ms if self.cooling_ms else None,
            tuple(figures),
            any(self.senders.values()),
            self.chained,
        )

    def caps(self, channel: str, topic: str, rank: int) -> tuple[Count, ...]:
        """The caps that count and hold such a message. What disturbs nobody only those that name its channel."""
        key = (channel, topic, rank)
        found = self._caps.get(key)
        if found is None:
            found = self._caps[key] = tuple(
                Count(cap, cap.name, None if cap.by else cap.max or 0, cap.per, cap.window == "calendar")
                for cap in self.policy.caps
                if cap.concerns(channel, topic, rank) and (channel in cap.channels or not self.is_silent(channel))
            )
        return found

    def to_people(self, channel: str) -> bool:
        """Whether messages of a channel reach people outside: else nobody is asked for leave."""
        medium = self.media.get(channel)
        return medium is None or medium.to_people

    def asks_address(self, channel: str) -> bool:
        """Whether somebody has to have an address to be reached on a channel."""
        medium = self.media.get(channel)
        return medium is None or medium.address in ("email", "phone")

    def why(self, opening: Opening, channel: str) -> str:
        """Why a message has to wait for an hour: said once for each opening and channel."""
        key = (opening, channel)
        found = self._why.get(key)
        if found is None:
            if len(self._why) > 10_000:
                self._why.clear()
            medium = self.media.get(channel)
            noun = NOUNS.get(channel) or (medium.label.lower() if medium else channel.replace("_", " "))
            found = self._why[key] = opening.why(noun)
        return found

    def reach(self, channel: str) -> tuple[bool, bool]:
        """Whether messages of a channel reach people outside, and whether they wait until somebody comes."""
        found = self._reach.get(channel)
        if found is None:
            found = self._reach[channel] = self.to_people(channel), self.is_silent(channel)
        return found

    def is_silent(self, channel: str) -> bool:
        """Whether messages of a channel wait until somebody comes."""
        medium = self.media.get(channel)
        return medium is not None and medium.silent

    def place(self, of: Facts) -> Place:
        """Where the contact lives."""
        found = self.here.get(of.contact_id)
        if found is None:
            found = self.here[of.contact_id] = self._place(of)
        return found

    def _place(self, of: Facts) -> Place:
        known = loads(of.properties or "{}")
        if "address" in known:  # a document of its own: not worth remembering
            return place_of(known, of.phone, self.zone)
        key = (dialled(of.phone), *map(known.get, WHERE))
        try:
            found = self._places.get(key)
        except TypeError:  # somebody's country is a list
            return place_of(known, of.phone, self.zone)
        if found is None:
            if len(self._places) > 10_000:
                self._places.clear()
            found = self._places[key] = place_of(known, of.phone, self.zone)
        return found


def rules_of(policy: Policy, silence: Silence, zone: str) -> Rules:
    """Rules for one question, asked from a page or a command."""
    return Rules(policy, silence, zone)
