"""Rows of a file of events: each read as a message of the past, with a key by which it is known again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from . import addresses
from .csv_columns import EVENT_RESERVED, READERS, Column
from .csv_file import Record
from .csv_rows import MAX_CELL, MAX_RAW, Bad
from .envelope import AHEAD_MS, JUNK_IDS, MAX_ID, MAX_NAME, OLDEST_MS, Message, message_key, read_time

CONTACT = "contact."  # columns that go to the contact, not to the event
DIGITS = 15


class EventReader:
    """Turns records into messages, by the columns. ``event`` is the name of all of them, where no column has it."""

    def __init__(self, columns: Sequence[Column], event: str = "", now_ms: int = 0) -> None:
        self._width, self._event, self._now_ms = len(columns), event, now_ms
        at = {column.target: n for n, column in enumerate(columns)}
        self._places = {target: at[target] for target in EVENT_RESERVED if target in at}
        self._properties = [
            (n, column.target, READERS.get(column.kind))
            for n, column in enumerate(columns)
            if column.target and column.target not in EVENT_RESERVED
        ]

    def read(self, record: Record) -> Message | Bad:
        """The event, or why it cannot be taken in."""
        line, cells, problem, text = record
        raw = text[:MAX_RAW].rstrip("\r\n").replace("\0", "␀")
        if cells is None:
            return Bad(line, problem, raw)
        if len(cells) != self._width:
            return Bad(line, f"The row has {len(cells)} cells where the first row has {self._width}.", raw)
        if len(text) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
            return Bad(line, f"A cell has more than {MAX_CELL} characters.", raw)
        named = {target: cells[place].strip() for target, place in self._places.items()}
        name = named.get("event") or self._event
        if not name or len(name) > MAX_NAME:
            return Bad(
                line, "The row does not say which event it is." if not name else "The event's name is too long.", raw
            )
        try:
            who = _who(named)
        except ValueError as error:
            return Bad(line, str(error), raw)
        at_ms = _moment(named.get("at", ""))
        if at_ms is None or not OLDEST_MS <= at_ms <= self._now_ms + AHEAD_MS:
            said = named.get("at", "")[:60]
            return Bad(line, f"{said!r} is no time since 2000: write it as 2026-05-04T12:30:00Z.", raw)
        properties: dict[str, Any] = {}
        for place, target, read in self._properties:
            cell = cells[place].strip()
            if cell:
                value = read(cell) if read is not None else None
                properties[target] = cell if value is None else value
        given = named.get("message_id", "")
        key = message_key(given) if given else _key(name, cells)
        user, anonymous, traits = who
        return Message(line, name, user, anonymous, None, traits, properties, min(at_ms, self._now_ms), key, given)


def _who(named: dict[str, str]) -> tuple[str | None, str | None, dict[str, Any]]:
    """User id, anonymous id and traits. Raises ValueError with a sentence."""
    for target, words in (("external_id", "user id"), ("anonymous_id", "anonymous id")):
        value = named.get(target, "")
        if value and (len(value) > MAX_ID or value.lower() in JUNK_IDS):
            raise ValueError(f"The {words} {value[:60]!r} is too long or nobody's.")
    traits: dict[str, Any] = {}
    if email := named.get("email"):
        try:
            traits["email"] = addresses.email(email)
        except addresses.NotAnAddress as error:
            raise ValueError(f"The e-mail address {email[:100]!r} is not valid: {error}.") from None
    user, anonymous = named.get("external_id") or None, named.get("anonymous_id") or None
    if not (user or anonymous or traits):
        raise ValueError("The row does not say whose event it is: no user id, anonymous id or e-mail address.")
    return user, anonymous, traits


def _moment(text: str) -> int | None:
    """ISO 8601, seconds or milliseconds since 1970, or a date with dots; in UTC where nothing else is said."""
    if text.replace(".", "", 1).isdigit() and len(text) < 20:
        return read_time(float(text))
    iso = read_time(text)
    if iso is not None:
        return iso
    day, _, clock = text.replace(". ", ".").partition(" ")
    parts = day.split(".")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        return read_time(
            f"{parts[2]:0>4}-{parts[1]:0>2}-{parts[0]:0>2}{f'T{clock.strip():0>5}' if clock.strip() else ''}"
        )
    return None


def _key(name: str, cells: Sequence[str]) -> str:
    """The same row again is the same event, in whichever file it stands."""
    digest = blake2b(name.encode(), digest_size=DIGITS)
    for cell in cells:
        digest.update(b"\x1f" + cell.encode())
    return "row-" + digest.hexdigest()
