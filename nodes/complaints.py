"""What pydantic finds wrong, as sentences a person can act on."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]


def complaints(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Each thing that is wrong: where (keys and list positions) and a sentence without its subject."""
    for details in error.errors(include_url=False):
        place = tuple(part for part in details["loc"] if not str(part).startswith("("))
        yield place, _SENTENCES.get(details["type"], _as_it_comes)(details)


def spell(place: Place) -> str:
    """A place as people write it: rule.all[1].value."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _as_it_comes(details: ErrorDetails) -> str:
    message = details["msg"]
    return message[0].lower() + message[1:] if message.startswith(("Input", "Value", "String")) else message


def _expected(details: ErrorDetails) -> str:
    return f"has to be {details.get('ctx', {}).get('expected')}, not {_shown(details['input'])}"


def _shown(value: object) -> str:
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."


_SENTENCES = {
    "missing": lambda details: "is missing",
    "extra_forbidden": lambda details: "is not known here; check the spelling",
    "literal_error": _expected,
    "string_type": lambda details: f"has to be a text, not {_shown(details['input'])}",
    "bool_parsing": lambda details: f"has to be true or false, not {_shown(details['input'])}",
    "int_parsing": lambda details: f"has to be a whole number, not {_shown(details['input'])}",
    "int_from_float": lambda details: f"has to be a whole number, not {_shown(details['input'])}",
    "float_parsing": lambda details: f"has to be a number, not {_shown(details['input'])}",
    "tuple_type": lambda details: f"has to be a list, not {_shown(details['input'])}",
    "list_type": lambda details: f"has to be a list, not {_shown(details['input'])}",
    "dict_type": lambda details: f"has to be a mapping of names to values, not {_shown(details['input'])}",
    "model_type": lambda details: f"has to be a mapping of names to values, not {_shown(details['input'])}",
    "string_pattern_mismatch": lambda details: f"has to be a time such as 09:30, not {_shown(details['input'])}",
}
