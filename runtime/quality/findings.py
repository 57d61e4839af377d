"""What is unusual now, in sentences: volumes, missing values, duplicates, broken contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ...storage import arrivals
from ...storage.database import Tx
from .bands import FEW, LEARNING, WEEKS, Band, band, share_band

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
EPOCH = date(1970, 1, 1)
BACK = 7 * WEEKS + 1  # days
EARLY = 6  # o'clock; before that today says nothing
DUPLICATES, VIOLATIONS = 0.5, 0.2  # shares of a day that are worth a word


@dataclass(slots=True)
class EventDays:
    """One event day by day, in the owner's zone; ``until`` counts the same hours of each day as have passed today."""

    name: str
    counts: dict[int, int] = field(default_factory=dict)
    until: dict[int, int] = field(default_factory=dict)
    duplicates: dict[int, int] = field(default_factory=dict)
    violations: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual about an event, as a sentence."""

    name: str
    kind: str  # little, much, missing, duplicates, violations
    sentence: str


def days(tx: Tx, now_ms: int, zone: ZoneInfo, name: str | None = None, back: int = BACK) -> dict[str, EventDays]:
    """Every event by day."""
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    today, found = _day(now), {}
    since_hour = (now_ms - back * DAY_MS) // HOUR_MS
    for event, hour, n, duplicates, violations in arrivals.hours(tx, since_hour, name):
        at = datetime.fromtimestamp(hour * 3_600, UTC).astimezone(zone)
        day = _day(at)
        if day > today:
            continue
        one = found.get(event)
        if one is None:
            one = found[event] = EventDays(event)
        one.counts[day] = one.counts.get(day, 0) + n
        if at.hour < now.hour:
            one.until[day] = one.until.get(day, 0) + n
        for where, value in ((one.duplicates, duplicates), (one.violations, violations)):
            where[day] = where.get(day, 0) + value
    return found


def today(now_ms: int, zone: ZoneInfo) -> int:
    """The day it is, since 1970, in a zone."""
    return _day(datetime.fromtimestamp(now_ms / 1000, zone))


def judge(
    found: Mapping[str, EventDays],
    presences: Mapping[str, Mapping[str, Mapping[int, int]]],
    now_ms: int,
    zone: ZoneInfo,
) -> list[Finding]:
    """What is unusual today so far, or was yesterday. One sentence a kind and event."""
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    today = _day(now)
    said: list[Finding] = []
    for name, event in sorted(found.items()):
        said += _volume(event, today, now)
        said += _shares(event, today)
        said += _missing(event, presences.get(name, {}), now_ms)
    return said


def _volume(event: EventDays, today: int, now: datetime) -> list[Finding]:
    value = event.until.get(today, 0)
    expected = band(_filled(event.until, event.counts, today), today) if now.hour >= EARLY else None
    if expected is not None and (way := expected.unusual(value)):
        words = f"{event.name}: {value} today before {now.hour}:00, expected {_span(expected)} by then."
        return [Finding(event.name, "little" if way < 0 else "much", words)]
    yesterday = event.counts.get(today - 1, 0)
    expected = band(_whole(event.counts, today - 1), today - 1)
    if expected is not None and (way := expected.unusual(yesterday)):
        words = f"{event.name}: {yesterday} yesterday, expected {_span(expected)}."
        return [Finding(event.name, "little" if way < 0 else "much", words)]
    return []


def _shares(event: EventDays, today: int) -> list[Finding]:
    said = []
    for kind, counts, limit, words in (
        ("duplicates", event.duplicates, DUPLICATES, "came twice"),
        ("violations", event.violations, VIOLATIONS, "broke their contract"),
    ):
        n, whole = counts.get(today, 0), event.counts.get(today, 0) + counts.get(today, 0)
        usual = sum(counts.get(day, 0) for day in range(today - 28, today))
        before = sum(event.counts.get(day, 0) + counts.get(day, 0) for day in range(today - 28, today))
        share = n / whole if whole else 0.0
        if n >= FEW and share > max(limit, 2 * usual / before if before else 0.0):
            said.append(Finding(event.name, kind, f"{event.name}: {share:.0%} of today's events {words}."))
    return said


def _missing(event: EventDays, presences: Mapping[str, Mapping[int, int]], now_ms: int) -> list[Finding]:
    """The property that is missing most unusually, of the last whole day (UTC, as properties are counted)."""
    yesterday = now_ms // DAY_MS - 1
    totals = presences.get("", {})
    n = totals.get(yesterday, 0)
    if n < FEW:
        return []
    worst: tuple[float, str] | None = None
    for name, counts in presences.items():
        if not name:
            continue
        past = [
            (1 - min(1.0, counts.get(day, 0) / totals[day]), totals[day])
            for day in range(yesterday - 7 * WEEKS, yesterday)
            if totals.get(day)
        ]
        expected = share_band(past)
        share = 1 - min(1.0, counts.get(yesterday, 0) / n)
        if expected is not None and share > expected.high and share - expected.high > (worst[0] if worst else 0.0):
            usual = f"usually {expected.middle:.0%}"
            worst = share - expected.high, f"{event.name}: “{name}” was missing in {share:.0%} of yesterday's, {usual}."
    return [Finding(event.name, "missing", worst[1])] if worst else []


def presences(tx: Tx, now_ms: int, name: str | None = None) -> dict[str, dict[str, dict[int, int]]]:
    """Event → property → day (UTC) → how many had it; under "" how many there were."""
    since = now_ms // DAY_MS - BACK
    found: dict[str, dict[str, dict[int, int]]] = {}
    for event, hour, n, _, _ in arrivals.hours(tx, since * 24, name):
        totals = found.setdefault(event, {}).setdefault("", {})
        totals[hour // 24] = totals.get(hour // 24, 0) + n
    for event, day, key, n in arrivals.present(tx, since, name):
        found.setdefault(event, {}).setdefault(key, {})[day] = n
    return found


def learning_left(event: EventDays, today: int) -> int:
    """How many days it still learns."""
    return max(0, LEARNING - (today - min(event.counts, default=today)))


def date_of(day: int) -> date:
    """The date of a day since 1970."""
    return EPOCH + timedelta(days=day)


def _day(at: datetime) -> int:
    return (at.date() - EPOCH).days


def _filled(until: Mapping[int, int], counts: Mapping[int, int], today: int) -> dict[int, float]:
    """Days before today whose first hours had nothing count as nothing, not as unknown."""
    return {day: float(until.get(day, 0)) for day in counts if day < today}


def _whole(counts: Mapping[int, int], before: int) -> dict[int, float]:
    return {day: float(n) for day, n in counts.items() if day < before}


def _span(expected: Band) -> str:
    return f"{expected.low:.0f} to {expected.high:.0f}"
