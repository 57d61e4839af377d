"""What pydantic finds wrong, as sentences a person can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

Place = tuple[str | int, ...]


def complaints(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Each thing that is wrong: where (keys and list positions) and a sentence without its subject."""
    found = error.errors(include_url=False)
    places = [tuple(part for part in details["loc"] if not _is_sort(part)) for details in found]
    said: set[Place] = set()
    for place, details in zip(places, found, strict=True):
        inside = any(other[: len(place)] == place != other for other in places)
        if details["type"] == "too_short" and inside:  # entries that are wrong are not counted
            continue
        if any(_is_sort(part) and part[0] != "(" for part in details["loc"]):  # of several sorts it is none
            if not said.intersection((place, place[:-1])):
                said.add(place)
                yield place, f"cannot be {_shown(details['input'])}"
            continue
        yield place, sentence(details)


def sentence(details: ErrorDetails | dict[str, Any]) -> str:
    """One complaint without its subject."""
    kind = details["type"]
    if kind in _SENTENCES:
        return _SENTENCES[kind](details)
    if kind in _PYDANTICS:
        return f"cannot be {_shown(details.get('input'))}"
    return details["msg"]  # our own words


def spell(place: Place) -> str:
    """A place as it is written in a file: rule.all[1].value."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _is_sort(part: Any) -> TypeGuard[str]:
    """Whether a part of a place names one of several sorts a value may be of, not a key: ``(all)``, ``str``."""
    return isinstance(part, str) and (part.startswith(("(", "constrained-")) or part in _SORTS or "[" in part)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value if len(value) <= 60 else value[:57] + '…'}”" if value else "empty"
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)[:60]
    return "a list" if isinstance(value, list | tuple | set) else "a mapping" if isinstance(value, dict) else "this"


def _limit(details: Any, name: str) -> str:
    limit = details.get("ctx", {}).get(name)
    return f"{limit:g}" if isinstance(limit, float) else str(limit)


def _quoted(details: Any) -> str:
    """The values a choice has, each between our own quotation marks."""
    return re.sub(r"'([^']*)'", r"“\1”", str(details.get("ctx", {}).get("expected")))


def _be(what: str) -> Callable[[Any], str]:
    return lambda details: f"has to be {what}, not {_shown(details.get('input'))}"


def _short(details: Any) -> str:
    least = _limit(details, "min_length")
    return "cannot be empty" if least == "1" else f"needs at least {least} entries"


def _short_text(details: Any) -> str:
    least = _limit(details, "min_length")
    return "cannot be empty" if least == "1" else f"needs at least {least} characters"


def _form(details: Any) -> str:
    return f"does not have the form it needs: {_shown(details.get('input'))}"


_SORTS = frozenset({"str", "int", "float", "bool", "bytes", "date", "datetime", "time", "none"})
_PYDANTICS = frozenset(get_args(ErrorType))
_NUMBER, _WHOLE, _LIST = _be("a number"), _be("a whole number"), _be("a list")
_NAMES, _TRUTH, _DATE = _be("a mapping of names to values"), _be("true or false"), _be("a date such as 2026-05-01")
_MOMENT, _TIME = _be("a date with a time such as 2026-05-01 09:00"), _be("a time such as 09:30")
_SENTENCES: dict[str, Callable[[Any], str]] = {
    "missing": lambda details: "is missing",
    "extra_forbidden": lambda details: "is not known here; check the spelling",
    "literal_error": lambda details: f"has to be {_quoted(details)}, not {_shown(details['input'])}",
    "enum": lambda details: f"has to be {_quoted(details)}, not {_shown(details['input'])}",
    "string_type": _be("a text"),
    "string_too_short": _short_text,
    "string_too_long": lambda details: f"is longer than {_limit(details, 'max_length')} characters",
    "string_pattern_mismatch": lambda details: (
        _TIME(details) if ":[0-5]" in _limit(details, "pattern") else _form(details)
    ),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    "int_parsing_size": lambda details: "is too large a number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": lambda details: f"has to be more than {_limit(details, 'gt')}",
    "greater_than_equal": lambda details: f"has to be at least {_limit(details, 'ge')}",
    "less_than": lambda details: f"has to be less than {_limit(details, 'lt')}",
    "less_than_equal": lambda details: f"can be {_limit(details, 'le')} at most",
    "multiple_of": lambda details: f"has to be a multiple of {_limit(details, 'multiple_of')}",
    "too_short": _short,
    "too_long": lambda details: f"has more than {_limit(details, 'max_length')} entries",
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type", "iterable_type"), _LIST),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"), _NAMES),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DATE),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _MOMENT),
    **dict.fromkeys(("time_type", "time_parsing"), _TIME),
    "union_tag_invalid": lambda details: (
        f"cannot be “{details.get('ctx', {}).get('tag')}”: nothing of that sort is known"
    ),
    "union_tag_not_found": lambda details: "does not say of which sort it is",
    "value_error": lambda details: details["msg"].removeprefix("Value error, "),
    "assertion_error": lambda details: "is not right as it is",
    "recursion_loop": lambda details: "holds itself",
}
