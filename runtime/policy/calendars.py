"""The moments at which the hours of a policy let a message out in one place, week by week."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...nodes.zones import first_instant
from .holiday_days import holiday

Span = tuple[int, int]  # from (included) to (not included), in milliseconds
WEEK_MS = 7 * 86_400_000
DAY = timedelta(days=1)
LOOKED_AHEAD = 54  # weeks: a year and its holidays
REMEMBERED = 200  # weeks


@dataclass(frozen=True, slots=True)
class Window:
    """Hours on some days of the week (Monday is 0), in minutes since midnight; ``end`` not after ``start``: next day.

    ``holidays``: public holidays are closed from midnight to midnight.
    """

    weekdays: frozenset[int]
    start: int
    end: int
    holidays: bool
    spread_minutes: int


@dataclass(frozen=True, slots=True)
class Lane:
    """All hours that one sort of message has to keep: out of each ``quiet`` window, and inside one of each group."""

    quiet: tuple[Window, ...]
    working: tuple[tuple[Window, ...], ...]

    @property
    def holidays(self) -> bool:
        """Whether public holidays matter at all."""
        return any(window.holidays for window in (*self.quiet, *(each for group in self.working for each in group)))


class Calendar:
    """One lane in one place. Weeks are worked out once each."""

    def __init__(self, lane: Lane, zone: ZoneInfo, country: str | None, region: str | None) -> None:
        self._lane, self._zone, self._country, self._region = lane, zone, country, region
        self._weeks: dict[int, list[Span]] = {}

    def opening(self, now_ms: int) -> Span | None:
        """The span that is open at ``now_ms``, or else the next one; None: not within a year."""
        for week in range(now_ms // WEEK_MS, now_ms // WEEK_MS + LOOKED_AHEAD):
            spans = self._week(week)
            place = bisect_right(spans, now_ms, key=_end)
            if place < len(spans):
                return spans[place][0], self._until(week, spans[place][1])
        return None

    def closed_by(self, now_ms: int) -> Window | str:
        """What keeps the hours shut at a closed moment: a quiet window, a holiday by its name, or working hours."""
        day = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(self._zone).date()
        if self._lane.holidays and (name := holiday(day, self._country, self._region)):
            return name
        days = [day - DAY, day]
        for window in self._lane.quiet:
            if any(start <= now_ms < end for start, end in self._hours(window, days)):
                return window
        return next(
            group[0]
            for group in self._lane.working
            if not any(start <= now_ms < end for window in group for start, end in self._hours(window, days))
        )

    def _until(self, week: int, end: int) -> int:
        """Where an open span ends that may reach over several weeks."""
        for following in range(week + 1, week + LOOKED_AHEAD):
            if end != following * WEEK_MS:
                break
            spans = self._week(following)
            if not spans or spans[0][0] != end:
                break
            end = spans[0][1]
        return end

    def _week(self, week: int) -> list[Span]:
        known = self._weeks.get(week)
        if known is None:
            if len(self._weeks) >= REMEMBERED:
                self._weeks.clear()
            known = self._weeks[week] = self._open(week * WEEK_MS, (week + 1) * WEEK_MS)
        return known

    def _open(self, start: int, end: int) -> list[Span]:
        first = datetime.fromtimestamp(start / 1000, UTC).date()
        days = [first + n * DAY for n in range(-2, 10)]  # the clocks of the world are up to 14 hours ahead, 12 behind
        closed: list[Span] = []
        for window in self._lane.quiet:
            closed += self._hours(window, days)
        for group in self._lane.working:
            closed += _minus([(start, end)], [span for window in group for span in self._hours(window, days)])
        if self._lane.holidays:
            closed += [self._midnights(day) for day in days if holiday(day, self._country, self._region)]
        return _minus([(start, end)], closed)

    def _hours(self, window: Window, days: Sequence[date]) -> list[Span]:
        """The window of each day; where the clocks swallow it, that day has none."""
        spans = [
            (self._instant(day, window.start), self._instant(day + DAY * (window.end <= window.start), window.end))
            for day in days
            if day.weekday() in window.weekdays
        ]
        return [span for span in spans if span[0] < span[1]]

    def _midnights(self, day: date) -> Span:
        return self._instant(day, 0), self._instant(day + DAY, 0)

    def _instant(self, day: date, minutes: int) -> int:
        full_days, minutes = divmod(minutes, 24 * 60)
        return first_instant(day + full_days * DAY, time(minutes // 60, minutes % 60), self._zone)


def _minus(spans: list[Span], holes: Iterable[Span]) -> list[Span]:
    """The spans without the holes, in order of time."""
    for hole_start, hole_end in sorted(holes):
        if not spans:
            return spans
        start, end = spans[-1]  # holes come in order: only the last span can be reached
        if hole_end <= start or hole_start >= end:
            continue
        spans[-1:] = [span for span in ((start, hole_start), (hole_end, end)) if span[0] < span[1]]
    return spans


def _end(span: Span) -> int:
    return span[1]
