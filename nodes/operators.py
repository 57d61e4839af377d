"""What a condition may ask of one value: a table of operators, tolerant of types and never raising."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any

from .step import DAY_MS, Condition

Test = Callable[[Any, int], bool]  # (value of the property or None, now in ms) → whether it passes


@dataclass(frozen=True, slots=True)
class Operator:
    """``takes`` says what value stands beside it: one, many, number, moment, days or nothing."""

    words: str
    takes: str
    make: Callable[[Any], Test]  # from the value in the rule to the test, once


def passes(conditions: Iterable[Condition], properties: Mapping[str, Any]) -> bool:
    """Whether the properties of an event meet every condition."""
    return all(test(read(properties), 0) for read, test in _compiled(tuple(conditions)))


@lru_cache(maxsize=4096)
def _compiled(conditions: tuple[Condition, ...]) -> list[tuple[Callable[[Mapping[str, Any]], Any], Test]]:
    return [(reader(each.property), OPERATORS[each.op].make(each.value)) for each in conditions]


def reader(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """Reads a property; a dotted path looks into nested objects. What is not there is None."""
    if "." not in path:
        return lambda properties: properties.get(path)
    names = path.split(".")

    def read(properties: Mapping[str, Any]) -> Any:
        if path in properties:
            return properties[path]
        value: Any = properties
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    return read


# ── how values compare ────────────────────────────────────────────────────────────────────────────────


def number(value: Any) -> int | float | None:
    """A number, also one written as text; None for anything else, infinities included.

    Whole numbers are exact in 64 bits, everything else is a double: what SQL says of the same value on both stores.
    """
    if value.__class__ is int:
        return value if -_64_BITS <= value < _64_BITS else float(value) if abs(value) < _LARGEST else None
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str) and len(value) <= _NUMBER_LENGTH and _NUMBER.fullmatch(value):
        whole = int(value) if value.lstrip("+-").isdigit() else None
        return whole if whole is not None and -_64_BITS <= whole < _64_BITS else float(value)
    return None


def moment_ms(value: Any) -> int | None:
    """Milliseconds since 1970 of an ISO date or date and time (UTC unless it says otherwise), or of a Unix time.

    Only what every store reads alike: 2026-05-01, 2026-05-01T09:00, with seconds, fractions and +02:00 or Z.
    """
    if isinstance(value, str):
        if not _MOMENT.fullmatch(value):
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:  # no such day
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // _MILLISECOND
    if isinstance(value, bool) or (read := number(value)) is None:
        return None
    ms = int(read if abs(read) >= _SECONDS_BELOW else read * 1000)
    return ms if abs(ms) <= _FARTHEST_MS else None


def text(value: Any) -> str | None:
    """A text, number or truth value as text; None for lists, objects and numbers that need an exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, int | float) or not (value == 0 or _SMALL <= abs(value) < _BIG):
        return None
    return str(value + 0)  # never -0.0


def units(value: Any) -> int:
    """A number to add up, in ten thousandths, so that sums are exact in any order; 0 for what is no number."""
    read = number(value)
    if read is None or abs(read) > _BIG_SUMMAND:
        return 0
    return int(float(read) * UNITS + (0.5 if read >= 0 else -0.5))


def same(value: Any, other: Any) -> bool:
    """Equality across types: a number equals the text that spells it, true equals "true"; two texts compare exactly."""
    if isinstance(value, str) and isinstance(other, str):
        return value == other
    if isinstance(value, bool) or isinstance(other, bool):
        return text(value) == text(other) is not None
    left, right = number(value), number(other)
    return left is not None and left == right


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_NUMBER_LENGTH = 40
_64_BITS = 2**63
_LARGEST = 10**308
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SECONDS_BELOW = 100_000_000_000  # smaller Unix times are seconds (to the year 5138), larger ones milliseconds
_FARTHEST_MS = 10**15
_SMALL, _BIG = 1e-4, 1e16  # between them numbers are written without an exponent everywhere
UNITS, _BIG_SUMMAND = 10_000, 1e12


# ── the operators ─────────────────────────────────────────────────────────────────────────────────────


def _equals(wanted: Any) -> Test:
    return lambda value, now: same(value, wanted)


def _one_of(wanted: Any) -> Test:
    options = tuple(wanted)
    texts = frozenset(option for option in options if isinstance(option, str))
    return lambda value, now: (isinstance(value, str) and value in texts) or any(same(value, o) for o in options)


def _contains(wanted: Any) -> Test:
    part = text(wanted)

    def test(value: Any, now: int) -> bool:
        if isinstance(value, list | tuple):
            return any(same(item, wanted) for item in value)
        whole = text(value)
        return whole is not None and part is not None and part in whole

    return test


def _starts_with(wanted: Any) -> Test:
    part = text(wanted) or ""
    return lambda value, now: (text(value) or "").startswith(part) if value is not None else False


def _ends_with(wanted: Any) -> Test:
    part = text(wanted) or ""
    return lambda value, now: (text(value) or "").endswith(part) if value is not None else False


def _not(make: Callable[[Any], Test]) -> Callable[[Any], Test]:
    def opposite(wanted: Any) -> Test:
        test = make(wanted)
        return lambda value, now: not test(value, now)

    return opposite


def _compared(read: Callable[[Any], int | float | None], holds: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    def make(wanted: Any) -> Test:
        limit = read(wanted)

        def test(value: Any, now: int) -> bool:
            read_value = read(value)
            return read_value is not None and limit is not None and holds(read_value, limit)

        return test

    return make


def _within_days(wanted: Any) -> Test:
    span_ms = float(number(wanted) or 0) * DAY_MS

    def test(value: Any, now: int) -> bool:
        at_ms = moment_ms(value)
        return at_ms is not None and 0 <= now - at_ms <= span_ms

    return test


OPERATORS: dict[str, Operator] = {
    "equals": Operator("is", "one", _equals),
    "not_equals": Operator("is not", "one", _not(_equals)),
    "in": Operator("is one of", "many", _one_of),
    "not_in": Operator("is none of", "many", _not(_one_of)),
    "more_than": Operator("is more than", "number", _compared(number, lambda a, b: a > b)),
    "less_than": Operator("is less than", "number", _compared(number, lambda a, b: a < b)),
    "at_least": Operator("is at least", "number", _compared(number, lambda a, b: a >= b)),
    "at_most": Operator("is at most", "number", _compared(number, lambda a, b: a <= b)),
    "contains": Operator("contains", "one", _contains),
    "not_contains": Operator("does not contain", "one", _not(_contains)),
    "starts_with": Operator("starts with", "one", _starts_with),
    "ends_with": Operator("ends with", "one", _ends_with),
    "exists": Operator("is known", "nothing", lambda wanted: lambda value, now: value is not None),
    "missing": Operator("is not known", "nothing", lambda wanted: lambda value, now: value is None),
    "before": Operator("is before", "moment", _compared(moment_ms, lambda a, b: a < b)),
    "after": Operator("is after", "moment", _compared(moment_ms, lambda a, b: a > b)),
    "within_days": Operator("is within the last days:", "days", _within_days),
}
