"""How numbers, moments and people are written on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ..runtime.numbers import thousands


class Person(Protocol):
    """What naming somebody needs."""

    @property
    def id(self) -> int: ...
    @property
    def email(self) -> str | None: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def properties(self) -> dict[str, Any]: ...


def number(value: float) -> str:
    """A whole number with its thousands apart."""
    return thousands(value)


def share(part: float, whole: float) -> str:
    """A part of a whole in per cent; nothing of nothing is a dash."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 10 or percent == 0 else f"{percent:.1f} %"


def moment(ms: int | None, zone: ZoneInfo) -> str:
    """A moment in the owner's time zone."""
    if ms is None:
        return "–"
    at = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
    return f"{at.day} {at:%b %Y, %H:%M}"


def ago(ms: int | None, now_ms: int) -> str:
    """How long ago, or how soon, a moment is."""
    if ms is None:
        return "–"
    apart = span(abs(now_ms - ms))
    if apart == "a moment":
        return "just now" if ms <= now_ms else "in a moment"
    return f"{apart} ago" if ms <= now_ms else f"in {apart}"


def span(ms: int) -> str:
    """A duration in its largest whole unit."""
    length = timedelta(milliseconds=ms)
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        whole = int(length.total_seconds() // seconds)
        if whole:
            return f"{whole} {unit}" + ("s" if whole > 1 else "")
    return "a moment"


def title_of(person: Person) -> str:
    """What to call somebody: their name, else their address, else their number."""
    known = person.properties
    names = [known.get(key) for key in ("first_name", "last_name")] or []
    full = " ".join(str(part) for part in names if part)
    for name in (known.get("name"), full, person.email, person.external_id):
        if name:
            return str(name)
    return f"Contact {person.id}"


def shown(value: Any) -> str:
    """A property's value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "–"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(shown(inner) for inner in value)
    return str(value)
