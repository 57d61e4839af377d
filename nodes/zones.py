"""Wall clocks of the world: which zones there are, and the instant a wall clock first shows a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone(name: Any) -> ZoneInfo | None:
    """The zone of an IANA name such as Europe/Prague; None for anything else."""
    return _zone(name) if isinstance(name, str) and name in _known() else None


def first_instant(day: date, at: time, where: ZoneInfo) -> int:
    """Milliseconds of the first moment the clocks there show ``at`` on ``day``.

    A time that occurs twice (clocks went back) is its first occurrence. A time that never comes (clocks went
    forward) is the first valid instant after the gap.
    """
    shown = datetime.combine(day, at, where)  # fold=0: the first occurrence
    instant = shown.astimezone(UTC)
    if instant.astimezone(where).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return _ms(instant)
    before, after = shown.replace(fold=1).astimezone(UTC), instant  # a gap: the offset changes between these two
    old_offset = before.astimezone(where).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(where).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return _ms(after)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def must_be_a_zone(name: str) -> str:
    if zone(name) is None:
        raise PydanticCustomError(
            "zone", "cannot be “{name}”, which is no time zone; Europe/Prague and UTC are", {"name": name}
        )
    return name


ZoneName = Annotated[str, AfterValidator(must_be_a_zone)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


def clock(written: str) -> time:
    """The time of day of HH:MM."""
    return time(int(written[:2]), int(written[3:]))
