"""When the quiet and the working hours of the policy let a message out: now, or from when on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from ...nodes.step import MINUTE_MS, rolls
from ...nodes.zones import zone
from .calendars import LOOKED_AHEAD, WEEK_MS, Calendar, Lane, Window
from .whereabouts import Place

if TYPE_CHECKING:
    from .policy import Hours, QuietHours, WorkingHours

REMEMBERED = 5_000  # places and sorts of messages
UNASKED: Any = object()
ELSEWHERE = "ZZ"  # a country no rule names


class Opening(NamedTuple):
    """A message has to wait: until when, how long it may go then, and what holds it now.

    A tuple: it is looked up by for each message.
    """

    opens_ms: int
    closes_ms: int
    spread_minutes: int
    place: Place
    held_by: Window | str
    quiet: bool
    asked_ms: int

    def why(self, noun: str) -> str:
        """The whole sentence; ``noun`` says what waits: "text messages"."""
        where = ZoneInfo(self.place.zone)
        opens = datetime.fromtimestamp(self.opens_ms / 1000, UTC).astimezone(where)
        today = datetime.fromtimestamp(self.asked_ms / 1000, UTC).astimezone(where).date()
        day = "" if opens.date() == today else f" on {opens:%A} {opens.day} {opens:%B %Y}"
        until = f"until {opens:%H:%M}{day} in {self.place.zone} (from {self.place.source})"
        if isinstance(self.held_by, str):
            return f"Public holiday ({self.held_by}), no {noun} {until}."
        return f"Quiet hours for {noun} {until}." if self.quiet else f"Outside the working hours for {noun} {until}."


class Timetable:
    """The hours of one policy. Keep it as long as the policy: it remembers what it worked out."""

    def __init__(self, quiet: Sequence[QuietHours], working: Sequence[WorkingHours]) -> None:
        self._quiet, self._working = tuple(quiet), tuple(working)
        self._lanes: dict[tuple[str, int, str | None], Lane | None] = {}
        self._calendars: dict[tuple[str, int, Place], Calendar | None] = {}
        self._answers: dict[tuple[str, int, Place], Opening | None] = {}
        self._answered_ms = -1

    def opening(self, now_ms: int, place: Place, channel: str, rank: int) -> Opening | None:
        """When a message may next go out to somebody there; None: now."""
        if now_ms != self._answered_ms or len(self._answers) >= REMEMBERED:
            self._answers.clear()
            self._answered_ms = now_ms
        key = (channel, rank, place)
        found = self._answers.get(key, UNASKED)
        if found is UNASKED:
            found = self._answers[key] = self._opening(now_ms, place, channel, rank)
        return found

    def lane(self, channel: str, rank: int, country: str | None) -> Lane | None:
        """What hours such a message has to keep; None: none at all."""
        key = (channel, rank, country)
        if key not in self._lanes:
            self._lanes[key] = self._make_lane(channel, rank, country)
        return self._lanes[key]

    def _make_lane(self, channel: str, rank: int, country: str | None) -> Lane | None:
        quiet = tuple(_window(rule) for rule in self._quiet if rule.concerns(channel, rank, country))
        groups: dict[tuple[frozenset[str], ...], list[Window]] = {}
        for rule in self._working:
            if rule.concerns(channel, rank, country):
                scope = (frozenset(rule.channels), frozenset(rule.classes), frozenset(rule.countries))
                groups.setdefault(scope, []).append(_window(rule))
        return Lane(quiet, tuple(tuple(group) for group in groups.values())) if quiet or groups else None

    def _opening(self, now_ms: int, place: Place, channel: str, rank: int) -> Opening | None:
        calendar = self._calendar(place, channel, rank)
        if calendar is None:
            return None
        never = now_ms + LOOKED_AHEAD * WEEK_MS  # `never_opens` keeps such policies from being saved
        span = calendar.opening(now_ms) or (never, never + WEEK_MS)
        if span[0] <= now_ms:
            return None
        held_by = calendar.closed_by(now_ms)
        lane = self.lane(channel, rank, place.country)
        assert lane is not None
        quiet = held_by in lane.quiet
        return Opening(*span, _spread_minutes(lane), place, held_by, quiet, now_ms)

    def _calendar(self, place: Place, channel: str, rank: int) -> Calendar | None:
        key = (channel, rank, place)
        if key not in self._calendars:
            if len(self._calendars) >= REMEMBERED:
                self._calendars.clear()
            lane = self.lane(channel, rank, place.country)
            where = zone(place.zone)
            assert where is not None
            self._calendars[key] = lane and Calendar(lane, where, place.country, place.region)
        return self._calendars[key]


def spread(who: Sequence[int], opens_ms: int, closes_ms: int, minutes: int) -> list[int]:
    """The moments after an opening at which these people's messages go, so that not all go at once.

    It is the same for all messages of one person (``who``), so that among them priority decides and not chance; and
    another one at another opening, so that nobody is always first. Never outside the window.
    """
    room = min(minutes * MINUTE_MS, closes_ms - opens_ms)
    if room <= 0:
        return [opens_ms] * len(who)
    return [opens_ms + int(number * room) for number in rolls(who, "opening", str(opens_ms))]


def never_opens(quiet: Sequence[QuietHours], working: Sequence[WorkingHours]) -> list[str]:
    """A sentence for each sort of message that the hours would never let out, on a week like any other."""
    from .policy import CLASSES

    timetable = Timetable(quiet, working)
    rules: list[Hours] = [*quiet, *working]
    countries = [*sorted({country for rule in rules for country in rule.countries}), ELSEWHERE]
    channels = ["", *sorted({channel for rule in rules for channel in rule.channels})]  # "": one no rule names
    found: list[str] = []
    for rank, name in enumerate(CLASSES):
        for channel in channels:
            shut = [country for country in countries if _shut(timetable.lane(channel, rank, country))]
            if shut:
                where = "" if ELSEWHERE in shut else f" to {', '.join(shut)}"
                by = f" by {channel.replace('_', ' ')}" if channel else ""
                found.append(f"The hours never let {name} messages{by} out{where}.")
                if not channel and ELSEWHERE in shut:
                    break  # that says it for every channel
    return found


def _shut(lane: Lane | None) -> bool:
    if lane is None:
        return False
    plain = Lane(_without_holidays(lane.quiet), tuple(_without_holidays(group) for group in lane.working))
    return Calendar(plain, ZoneInfo("UTC"), None, None).opening(3000 * WEEK_MS) is None


def _without_holidays(windows: Iterable[Window]) -> tuple[Window, ...]:
    return tuple(Window(each.weekdays, each.start, each.end, False, 0) for each in windows)


def _window(rule: QuietHours | WorkingHours) -> Window:
    return Window(rule.weekdays, rule.start, rule.end, rule.holidays == "quiet", rule.spread_minutes)


def _spread_minutes(lane: Lane) -> int:
    """The longest spread any of the rules asks for: those that wait for several rules leave together."""
    return max(window.spread_minutes for window in (*lane.quiet, *(each for group in lane.working for each in group)))
