"""Lengths of time, shares and times of day as people write them: "7 days", "2 %", "20:00"."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
LONGEST_MS = 400 * DAY_MS
_UNITS = {
    **dict.fromkeys(("minute", "minutes", "min"), MINUTE_MS),
    **dict.fromkeys(("hour", "hours", "h"), HOUR_MS),
    **dict.fromkeys(("day", "days", "d"), DAY_MS),
    **dict.fromkeys(("week", "weeks"), 7 * DAY_MS),
}
_LENGTH = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([a-z]+)\s*")
_SHARE = re.compile(r"\s*([0-9]{1,3}(?:\.[0-9]{1,4})?)\s*%\s*")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


def read_length(written: Any) -> int:
    """Milliseconds of "7 days", "90 minutes", "24 hours", "2 weeks"; of 0 as well."""
    if type(written) is int and written == 0:
        return 0
    found = _LENGTH.fullmatch(written) if isinstance(written, str) else None
    if found is None or found[2] not in _UNITS:
        raise PydanticCustomError("length", "has to be a length of time such as 90 minutes, 24 hours or 7 days")
    length = round(float(found[1]) * _UNITS[found[2]])
    if length > LONGEST_MS:
        raise PydanticCustomError("length", "is longer than 400 days; choose a shorter time")
    return length


def length_words(ms: int) -> str:
    """A length as it is written: hours up to three days, days from there on."""
    for unit, name, least in ((DAY_MS, "day", 73 * HOUR_MS), (HOUR_MS, "hour", 0), (MINUTE_MS, "minute", 0)):
        if ms >= least and ms % unit == 0:
            return f"{ms // unit} {name}{'' if ms == unit else 's'}"
    return f"{ms / MINUTE_MS:g} minutes"


def read_share(written: Any) -> float:
    """A share from 0 to 1 of "2 %"."""
    found = _SHARE.fullmatch(written) if isinstance(written, str) else None
    if found is None or not 0 < float(found[1]) <= 100:
        raise PydanticCustomError("share", "has to be a share such as 2 % or 0.3 %")
    return float(found[1]) / 100


def share_words(share: float) -> str:
    """A share as it is written."""
    return f"{round(share * 100, 4):g} %"


def read_clock(written: Any) -> int:
    """Minutes since midnight of "20:00"; 24:00 is the end of the day."""
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if found is None or (minutes := int(found[1]) * 60 + int(found[2])) > 24 * 60:
        raise PydanticCustomError("clock", "has to be a time of day such as 20:00, between quotation marks")
    return minutes


def clock_words(minutes: int) -> str:
    """A time of day as it is written."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _schema(form: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": form, "examples": list(examples)})


Length = Annotated[
    int,
    BeforeValidator(read_length),
    PlainSerializer(length_words),
    _schema("length", "90 minutes", "24 hours", "7 days"),
]
"""Milliseconds, written as "24 hours"."""

Share = Annotated[float, BeforeValidator(read_share), PlainSerializer(share_words), _schema("share", "2 %", "0.3 %")]
"""From 0 to 1, written as "2 %"."""

Clock = Annotated[int, BeforeValidator(read_clock), PlainSerializer(clock_words), _schema("clock", "20:00")]
"""Minutes since midnight in the contact's own zone, written as "20:00"."""
