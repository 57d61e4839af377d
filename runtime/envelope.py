"""One message of an SDK, checked by hand: pydantic would cost more than storing it."""

from __future__ import annotations

import math
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from . import addresses
from .addresses import name as clean_name
from .consent_words import NOTHING_SAID, Told, told
from .further_names import further_names
from .pushable import Device, device_of

MAX_BYTES = 32 * 1024  # of one message
MAX_DEPTH = 32
MAX_KEYS = 500  # properties or traits in one message
MAX_KEY = 200  # characters in the name of one
MAX_ID = 255  # characters in a userId, anonymousId, previousId or groupId
MAX_NAME = 200  # characters in the name of an event
OLDEST_MS = 946_684_800_000  # 2000-01-01
AHEAD_MS = 366 * 86_400_000  # a clock this far ahead is set to now; further is absurd
TOO_DEEP = "\0deeper than anything is read"  # stands where `body.read_json` cut a value off
TOO_LARGE = "\0larger than any number kept"  # stands where it read a number no computer keeps
JUNK_IDS = frozenset({"null", "undefined", "none", "nan", "[object object]", "anonymous", "guest", "true", "false"})
EVENT_NAMES = {
    "identify": "$identify",
    "page": "page",
    "screen": "screen",
    "group": "$group",
    "alias": "$alias",
    "track": "",
    "consent": "$consent",
}


class Refused(Exception):
    """This message cannot be stored; the text is a sentence for the one who sent it."""


@dataclass(slots=True)
class Message:
    """A message that may be stored. Traits are for the contact, properties belong to the event."""

    index: int
    name: str
    user: str | None
    anonymous: str | None
    previous: str | None
    traits: dict[str, Any]
    properties: dict[str, Any]
    at_ms: int
    key: str | None
    message_id: str
    others: tuple[tuple[str, str], ...] = ()  # further names of the person: kind and value
    said: Told | None = None  # what the person agreed to or refused
    device: Device | None = None  # the phone it came from, where it can be pushed to


def check(raw: Any, index: int, received_ms: int, sent: Any, history: bool) -> Message:
    """The message, or `Refused` with the reason. ``sent`` is the batch's ``sentAt``; history keeps its own times."""
    if not isinstance(raw, dict):
        raise Refused("A message has to be a JSON object.")
    _check_shape(raw)
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in EVENT_NAMES:
        known = ", ".join(EVENT_NAMES)
        raise Refused(f"The type {_shown(kind)} is unknown: it has to be one of {known}.")
    user = _id(raw, "userId")
    anonymous = _id(raw, "anonymousId")
    if user is None and anonymous is None and not (kind == "consent" and raw.get("email")):
        raise Refused("The message has neither userId nor anonymousId: one of them has to say who it is about.")
    previous = None
    said: Told | None = None
    traits: dict[str, Any] = {}
    name = EVENT_NAMES[kind]
    if kind == "track":
        name = raw.get("event")
        if not isinstance(name, str) or not (name := name.strip()):
            raise Refused("A track message needs the name of the event in `event`, and it may not be empty.")
        if len(name) > MAX_NAME:
            raise Refused(f"The event name is longer than {MAX_NAME} characters.")
        properties = _object(raw, "properties")
    elif kind == "identify":
        properties = _traits(raw)
        said, traits = told(properties, raw)
    elif kind == "consent":
        said, _ = told(raw, raw)
        if said is None or said.notes or not said.spoken:
            raise Refused(said.notes[0] if said and said.notes else NOTHING_SAID)
        traits = {"email": _address(raw["email"])} if raw.get("email") else {}
        properties = {"consents": raw["consents"]}
    elif kind == "group":
        group = _id(raw, "groupId")
        if group is None:
            raise Refused("A group message needs a groupId.")
        properties = {**_traits(raw), "groupId": group}
    elif kind == "alias":
        previous = _id(raw, "previousId")
        if previous is None:
            raise Refused("An alias message needs a previousId: the id the person had before.")
        properties = {"previousId": previous}
    else:
        properties = _object(raw, "properties")
        for field in ("name", "category"):
            if isinstance(raw.get(field), str) and field not in properties:
                properties = {**properties, field: raw[field]}
    _check_keys(properties)
    message_id = raw.get("messageId")
    message_id = "" if message_id is None or message_id == "" else str(message_id)
    return Message(
        index,
        name,
        user,
        anonymous,
        previous,
        traits,
        properties,
        _moment(raw, received_ms, raw.get("sentAt") or sent, history),
        message_key(message_id) if message_id else None,
        message_id,
        further_names(raw.get("context")),
        said,
        device_of(raw.get("context")),
    )


def message_key(message_id: str) -> str:
    """What is kept of a messageId, to know it again."""
    return urlsafe_b64encode(blake2b(message_id.encode(), digest_size=16).digest()).decode().rstrip("=")


def printable(value: Any, length: int = 200) -> str:
    """Any value as text both stores take: without NUL and lone surrogates, not longer than ``length``."""
    text = value if isinstance(value, str) else "" if value is None else _shown(value)
    return text[:length].replace("\0", "␀").encode("utf-8", "replace").decode()


def sample(raw: Any, length: int = 2_000) -> str:
    """What a refused message looked like."""
    try:
        return printable(orjson.dumps(raw).decode(), length)
    except (TypeError, ValueError):  # lone surrogates, too deep, NaN among strings
        return printable(_shown(raw), length)


def _shown(value: Any) -> str:
    try:
        return repr(value)[:2_000]
    except RecursionError:
        return "(nested too deeply to be shown)"


def _check_shape(raw: dict[str, Any]) -> None:
    """Size, depth, and the characters and numbers no store can keep."""
    try:
        text = orjson.dumps(raw)
    except (TypeError, ValueError) as error:
        if "surrogate" in str(error):
            raise Refused("The message has a lone surrogate (half a character): the text was cut or garbled.") from None
        raise Refused(f"The message is nested deeper than {MAX_DEPTH} levels or has a number too big.") from None
    if len(text) > MAX_BYTES:
        raise Refused(f"The message has {len(text)} bytes; at most {MAX_BYTES} (32 KB) are accepted.")
    if b"\\u0000" in text or b"null" in text or text.count(b"{") + text.count(b"[") > MAX_DEPTH:
        _check_values(raw, 1)


def _check_values(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if value == TOO_DEEP:
            raise Refused(f"The message is nested deeper than {MAX_DEPTH} levels.")
        if value == TOO_LARGE:
            raise Refused("The message has a number too large to be kept: send it as a text.")
        if "\0" in value:
            raise Refused("The message has a NUL character (\\u0000) in a text, which no database can keep.")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Refused("The message has NaN or Infinity, which is not JSON: leave the property out or send null.")
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise Refused(f"The message is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(value, dict):
            for key in value:
                if "\0" in key:
                    raise Refused("The name of a property has a NUL character (\\u0000), which no database can keep.")
        for item in value.values() if isinstance(value, dict) else value:
            _check_values(item, depth + 1)


def _check_keys(properties: dict[str, Any]) -> None:
    if len(properties) > MAX_KEYS:
        raise Refused(f"The message has {len(properties)} properties; at most {MAX_KEYS} are accepted.")
    for key in properties:
        if len(key) > MAX_KEY:
            raise Refused(f"The name of a property is longer than {MAX_KEY} characters: {printable(key, 40)}…")


def _id(raw: dict[str, Any], field: str) -> str | None:
    value = raw.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refused(f"{field} has to be a text.")
    text = clean_name(str(value))
    if len(text) > MAX_ID:
        raise Refused(f"{field} is longer than {MAX_ID} characters.")
    if text.lower() in JUNK_IDS:
        raise Refused(
            f"{field} is {_shown(text)}, which is nobody: the page or program that sends it lost the real id."
        )
    return text or None


def _address(value: Any) -> str:
    try:
        return addresses.email(value)
    except addresses.NotAnAddress as error:
        raise Refused(f"The e-mail address {printable(value, 100)!r} is not valid: {error}.") from None


def _object(raw: dict[str, Any], field: str) -> dict[str, Any]:
    value = raw.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(f"{field} has to be a JSON object.")
    return value


def _traits(raw: dict[str, Any]) -> dict[str, Any]:
    """Traits stand at the top (Segment) or in the context (RudderStack)."""
    traits = _object(raw, "traits")
    context = raw.get("context")
    inside = context.get("traits") if isinstance(context, dict) else None
    return {**inside, **traits} if isinstance(inside, dict) else traits


def _moment(raw: dict[str, Any], received_ms: int, sent: Any, history: bool) -> int:
    """When it happened by our clock: timestamp − sentAt + received, never later than now."""
    field = "timestamp" if raw.get("timestamp") is not None else "originalTimestamp"
    given = raw.get(field)
    if given is None:
        return received_ms
    at_ms = read_time(given)
    if at_ms is None:
        raise Refused(f"{field} {printable(given, 60)!r} is no time: send ISO 8601, such as 2026-05-04T12:30:00Z.")
    if not history and sent is not None:
        sent_ms = read_time(sent)
        if sent_ms is not None:
            at_ms += received_ms - sent_ms
    if not OLDEST_MS <= at_ms <= received_ms + AHEAD_MS:
        raise Refused(f"{field} {printable(given, 60)!r} is before 2000 or more than a year ahead: check the clock.")
    return min(at_ms, received_ms)


def read_time(value: Any) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 text, or of a number of seconds or milliseconds."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return round(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(value if abs(value) > 1e11 else value * 1000)
