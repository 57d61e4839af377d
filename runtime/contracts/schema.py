"""A contract's schema: read, compiled for speed, and what breaks it told in sentences."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

LONGEST = 64_000  # characters of a schema
TOLD = 5  # sentences about one event
TYPES = {  # JSON's words and ours
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "yes or no",
    "array": "a list",
    "object": "an object",
    "null": "empty",
}
FORMATS = {
    "date-time": "a moment such as 2026-05-04T12:30:00Z",
    "date": "a date such as 2026-05-04",
    "email": "an e-mail address",
    "uri": "a web address",
    "uuid": "a UUID",
}


class BadSchema(Exception):
    """This is no JSON Schema of an event; the message says what is wrong with it."""


def check(schema: Any) -> dict[str, Any]:
    """The schema as it can be kept. Raises `BadSchema`."""
    if not isinstance(schema, dict):
        raise BadSchema("A schema has to be a JSON object.")
    try:
        text = orjson.dumps(schema)
    except (TypeError, ValueError):
        raise BadSchema("The schema is nested too deeply or holds something that is not JSON.") from None
    if len(text) > LONGEST:
        raise BadSchema(f"The schema has {len(text)} characters; at most {LONGEST} are kept.")
    if schema.get("type", "object") != "object":
        raise BadSchema("An event's properties are an object, so the schema's type has to be object.")
    _compiled(text)
    return schema


def read(text: str) -> dict[str, Any]:
    """The schema a person typed. Raises `BadSchema`."""
    try:
        return check(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise BadSchema(f"This is not JSON: {error}.") from None


def judge(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether properties keep to the schema: half a microsecond a call."""
    return _compiled(orjson.dumps(schema)).is_valid


def sentences(schema: Mapping[str, Any], event: str, properties: Any) -> list[str]:
    """What is wrong with properties, at most five sentences."""
    found = []
    for error in _compiled(orjson.dumps(schema)).iter_errors(properties):
        found.append(_sentence(event, error, [*(schema.get("properties") or {})]))
        if len(found) == TOLD:
            break
    return found


@lru_cache(maxsize=2_000)
def _compiled(schema: bytes) -> Any:
    """Patterns are matched in linear time, and nothing is ever fetched from the network."""
    try:
        return jsonschema_rs.validator_for(
            orjson.loads(schema),
            validate_formats=True,
            retriever=_never,
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except jsonschema_rs.ValidationError as error:
        where = ".".join(str(part) for part in error.instance_path)
        if "retrieving it failed" in error.message or "offline" in error.message:
            raise BadSchema("The schema points to another document ($ref); put what it needs inside.") from None
        raise BadSchema(f"This is no JSON Schema{f' (at {where})' if where else ''}: {error.message[:200]}.") from None
    except ValueError as error:
        raise BadSchema(f"This is no JSON Schema: {str(error).splitlines()[0][:200]}.") from None


def _never(uri: str) -> Any:
    raise ValueError("nothing is fetched")


def _sentence(event: str, error: Any, known: list[str]) -> str:
    kind, name = error.kind, type(error.kind).__name__
    where = ".".join(str(part) for part in error.instance_path)
    what = f"The property {_quoted(where)} of {event}" if where else f"The event {event}"
    match name:
        case "Required":
            inside = f" inside {_quoted(where)}" if where else ""
            return f"{event} needs the property {_quoted(kind.property)}{inside}."
        case "Type":
            wanted = " or ".join(TYPES.get(str(one), "something else") for one in kind.types)
            return f"{what} has to be {wanted}, not {_is(error.instance)}."
        case "Enum":
            return f"{what} has to be one of {', '.join(map(_shown, kind.options[:12]))}, not {_shown(error.instance)}."
        case "Constant":
            return f"{what} has to be {_shown(kind.value)}, not {_shown(error.instance)}."
        case "Minimum" | "ExclusiveMinimum":
            than = "more than" if name.startswith("Excl") else "at least"
            return f"{what} has to be {than} {kind.limit}, not {_shown(error.instance)}."
        case "Maximum" | "ExclusiveMaximum":
            than = "less than" if name.startswith("Excl") else "at most"
            return f"{what} has to be {than} {kind.limit}, not {_shown(error.instance)}."
        case "MinLength" | "MinItems":
            return f"{what} is too short: at least {kind.limit}."
        case "MaxLength" | "MaxItems":
            return f"{what} is too long: at most {kind.limit}."
        case "Format":
            return f"{what} has to be {FORMATS.get(kind.format, kind.format)}, not {_shown(error.instance)}."
        case "Pattern":
            return f"{what} does not look as agreed ({kind.pattern}): {_shown(error.instance)}."
        case "AdditionalProperties":
            return f"{event} has {', '.join(_unexpected(one, known) for one in kind.unexpected[:5])}."
    return f"{what} breaks its contract: {error.message[:200]}."


def _unexpected(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"a property {_quoted(name)} nobody knows" + (f" (did you mean {_quoted(near[0])}?)" if near else "")


def _quoted(name: str) -> str:
    return f"“{name[:80]}”"


def _is(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes or no"
    words = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return words.get(type(value), "this")


def _shown(value: Any) -> str:
    return orjson.dumps(value).decode()[:80]
