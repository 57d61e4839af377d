"""What was seen so far: names of events, properties with some of their values, for those who write journeys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .columns import load
from .database import Row, Tx
from .fillings import Filling, filling_of

COUNTED = 100_000  # events of one name; beyond, the number is "at least"
LOOKED_AT = 400  # newest rows that properties are gathered from
SAMPLES, LONGEST = 8, 60  # values kept of a property, characters of one
NAMES = 500


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event by its name: how often (at most `COUNTED` are counted), and when last, in milliseconds."""

    name: str
    count: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class PropertySeen:
    """A property: in how many of the rows looked at, and its usual values. Dots lead into nested objects."""

    name: str
    count: int
    samples: tuple[Any, ...]


def events_seen(tx: Tx, most: int = NAMES) -> list[EventSeen]:
    """Every event name, the latest first. One jump into the index for each name, however many events there are."""
    rows = tx.rows(
        "WITH RECURSIVE names(name) AS (SELECT min(name) FROM events UNION ALL"
        " SELECT (SELECT min(e.name) FROM events e WHERE e.name > names.name) FROM names WHERE names.name IS NOT NULL)"
        " SELECT name, (SELECT count(*) FROM (SELECT 1 FROM events e WHERE e.name = names.name LIMIT ?) AS counted),"
        " (SELECT max(e.at) FROM events e WHERE e.name = names.name) FROM names WHERE name IS NOT NULL LIMIT ?",
        (COUNTED, most),
    )
    return sorted((EventSeen(*row) for row in rows), key=lambda seen: (-seen.last_ms, seen.name))


def event_names(tx: Tx, most: int = NAMES) -> list[str]:
    """Every event name there is, without a look at how often."""
    rows = tx.rows(
        "WITH RECURSIVE names(name) AS (SELECT min(name) FROM events UNION ALL"
        " SELECT (SELECT min(e.name) FROM events e WHERE e.name > names.name) FROM names WHERE names.name IS NOT NULL)"
        " SELECT name FROM names WHERE name IS NOT NULL LIMIT ?",
        (most,),
    )
    return [name for (name,) in rows]


def event_properties(tx: Tx, event: str) -> list[PropertySeen]:
    """The properties of the newest events of this name, the usual ones first."""
    rows = tx.rows("SELECT properties FROM events WHERE name = ? ORDER BY at DESC LIMIT ?", (event, LOOKED_AT))
    return _gather(load(properties) for (properties,) in rows)


def contact_properties(tx: Tx) -> list[PropertySeen]:
    """The properties of the newest contacts, and what they are addressed by."""
    rows = tx.rows(
        "SELECT properties, email, phone, external_id FROM contacts"
        " WHERE erased_at IS NULL AND merged_into IS NULL ORDER BY id DESC LIMIT ?",
        (LOOKED_AT,),
    )
    addressed = (
        {**load(properties), "email": email, "phone": phone, "external_id": external_id}
        for properties, email, phone, external_id in rows
    )
    return [*_gather(addressed), PropertySeen("created_at", len(rows), ())]


def contact_ids(tx: Tx) -> tuple[int, int]:
    """How many contacts can be met by a rule, and the highest id."""
    row = tx.one("SELECT count(*), coalesce(max(id), 0) FROM contacts WHERE erased_at IS NULL AND merged_into IS NULL")
    return (row[0], row[1]) if row else (0, 0)


def contacts_between(tx: Tx, first: int, last: int) -> list[Row]:
    """``(id, properties, email, phone, external_id, created_at)`` of the contacts a rule can meet."""
    return tx.rows(
        "SELECT id, properties, email, phone, external_id, created_at FROM contacts"
        " WHERE id BETWEEN ? AND ? AND erased_at IS NULL AND merged_into IS NULL ORDER BY id",
        (first, last),
    )


def filling(tx: Tx, contact_id: int, event: str | None, name: str, title: str) -> Filling | None:
    """What a letter of a draft can speak of to this contact, as if they had come in by their last such event.

    Who never did it borrows somebody else's event, so that the letter is not full of holes.
    """
    contact = tx.one("SELECT properties, email, phone, external_id FROM contacts WHERE id = ?", (contact_id,))
    if contact is None:
        return None
    happened: Row = (None, None, "{}")
    if event:
        latest = "SELECT name, at, properties FROM events WHERE name = ?{} ORDER BY at DESC, id DESC LIMIT 1"
        own = tx.one(latest.format(" AND contact_id = ?"), (event, contact_id))
        happened = own or tx.one(latest.format(""), (event,)) or happened
    return filling_of((*contact, *happened, name, title, "", "", False, contact_id))


def _gather(documents: Iterable[Any]) -> list[PropertySeen]:
    counts: Counter[str] = Counter()
    values: dict[str, Counter[Any]] = {}
    for document in documents:
        for name, value in _flat(document if isinstance(document, Mapping) else {}):
            counts[name] += 1
            if isinstance(value, str | int | float) and len(str(value)) <= LONGEST:
                values.setdefault(name, Counter())[(type(value).__name__, value)] += 1
    return [
        PropertySeen(name, count, tuple(value for (_, value), _ in values.get(name, Counter()).most_common(SAMPLES)))
        for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMES]
    ]


def _flat(document: Mapping[str, Any], inside: str = "") -> Iterable[tuple[str, Any]]:
    """Names and values; one level of nesting as dotted names, lists as their plain entries."""
    for key, value in document.items():
        name = f"{inside}{key}"
        if isinstance(value, Mapping):
            if not inside:
                yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield from ((name, each) for each in value[:SAMPLES] if not isinstance(each, list | Mapping))
            if not value:
                yield name, None
        elif value is not None:
            yield name, value
