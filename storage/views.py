"""What the pages show: small reads, newest first, each bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import search
from .columns import LAST_KEY, load
from .database import Row, Tx

PAGE = 50


@dataclass(frozen=True, slots=True)
class JourneyLine:
    """A journey in the list, with its counts."""

    id: int
    name: str
    title: str
    status: str
    version: int | None
    inside: int
    entered: int
    sent: int
    converted: int


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact in a list; moments are milliseconds."""

    id: int
    external_id: str | None
    email: str | None
    phone: str | None
    properties: dict[str, Any]
    created_at: int
    changed_at: int
    merged_into: int | None
    erased_at: int | None


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a contact in a journey; moments are milliseconds, ``node`` is an index into the version's ids."""

    id: int
    journey: str
    title: str
    version_id: int
    contact_id: int
    node: int
    entered_at: int
    since_at: int
    due_at: int | None
    wait_event: str | None
    outbox: int
    ended_at: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message in a list; moments are milliseconds."""

    id: int
    contact_id: int
    journey: str
    title: str
    channel: str
    content: str
    status: str
    reason: str | None
    queued_at: int
    due_at: int
    sent_at: int | None
    opened_at: int | None
    clicked_at: int | None


# ── journeys ──────────────────────────────────────────────────────────────────────────────────────────


def journey_lines(tx: Tx) -> list[JourneyLine]:
    """Every journey with what it has done so far, by title."""
    entered = dict(tx.rows("SELECT journey_id, count(*) FROM enrollments GROUP BY journey_id"))
    inside = dict(tx.rows("SELECT journey_id, count(*) FROM enrollments WHERE ended_at IS NULL GROUP BY journey_id"))
    sent = dict(
        tx.rows("SELECT journey_id, count(*) FROM messages WHERE status IN ('sent', 'in_doubt') GROUP BY journey_id")
    )
    converted = dict(
        tx.rows(
            "SELECT e.journey_id, count(DISTINCT c.enrollment_id) FROM conversions c"
            " JOIN enrollments e ON e.id = c.enrollment_id GROUP BY e.journey_id"
        )
    )
    rows = tx.rows(
        "SELECT j.id, j.name, j.title, j.status, v.number FROM journeys j"
        " LEFT JOIN versions v ON v.id = j.live_version ORDER BY j.title, j.id"
    )
    return [
        JourneyLine(
            i, name, title, status, number, *(counts.get(i, 0) for counts in (inside, entered, sent, converted))
        )
        for i, name, title, status, number in rows
    ]


_STAY = (
    "SELECT e.id, j.name, j.title, e.version_id, e.contact_id, e.node, e.entered_at, e.since_at, e.due_at,"
    " e.wait_event, e.outbox, e.ended_at, e.reason FROM enrollments e JOIN journeys j ON j.id = e.journey_id"
)


def inside(tx: Tx, journey_id: int, before: int | None = None, limit: int = PAGE) -> list[tuple[Stay, ContactLine]]:
    """Who is in a journey now, the last to come first; ``before`` is the last stay already shown."""
    rows = tx.rows(
        _STAY + " WHERE e.journey_id = ? AND e.ended_at IS NULL AND e.id < ? ORDER BY e.id DESC LIMIT ?",
        (journey_id, _top(before), limit),
    )
    stays = [Stay(*row) for row in rows]
    people = contacts_by_id(tx, [stay.contact_id for stay in stays])
    return [(stay, people[stay.contact_id]) for stay in stays if stay.contact_id in people]


def stays(tx: Tx, contact_id: int, limit: int = PAGE) -> list[Stay]:
    """The journeys a contact has been in, the last first."""
    rows = tx.rows(_STAY + " WHERE e.contact_id = ? ORDER BY e.id DESC LIMIT ?", (contact_id, limit))
    return [Stay(*row) for row in rows]


def walks(tx: Tx, enrollment_id: int) -> list[tuple[int, list[tuple[str, str]]]]:
    """The walks of a stay in order: the moment, and its steps as (node, port)."""
    rows = tx.rows(
        "SELECT w.at, p.steps FROM walks w JOIN paths p ON p.id = w.path_id WHERE w.enrollment_id = ? ORDER BY w.seq",
        (enrollment_id,),
    )
    return [(at, [_step(step) for step in steps.split()]) for at, steps in rows]


def content_of(tx: Tx, version_id: int) -> dict[str, Any]:
    """What a version says; empty when it is gone."""
    row = tx.one("SELECT content FROM versions WHERE id = ?", (version_id,))
    return load(row[0]) if row else {}


# ── contacts ──────────────────────────────────────────────────────────────────────────────────────────

_CONTACT = (
    "SELECT id, external_id, email, phone, properties, created_at, changed_at, merged_into, erased_at FROM contacts"
)


def contact_lines(tx: Tx, words: str = "", before: int | None = None, limit: int = PAGE) -> list[ContactLine]:
    """Contacts, the last to come first; every word has to begin a name, an address or an id of theirs."""
    if words.strip():
        ids = [key for key in search.found(tx, words, _top(before), limit) if key <= LAST_KEY]
        people = contacts_by_id(tx, ids)
        return [people[key] for key in ids if key in people and people[key].merged_into is None]
    rows = tx.rows(
        f"{_CONTACT} WHERE merged_into IS NULL AND erased_at IS NULL AND id < ? ORDER BY id DESC LIMIT ?",
        (_top(before), limit),
    )
    return [_contact(row) for row in rows]


def contact_count(tx: Tx) -> int:
    """How many contacts there are."""
    return tx.value("SELECT count(*) FROM contacts WHERE merged_into IS NULL AND erased_at IS NULL")


def contact(tx: Tx, contact_id: int) -> ContactLine | None:
    """One contact."""
    row = tx.one(_CONTACT + " WHERE id = ?", (contact_id,)) if abs(contact_id) <= LAST_KEY else None
    return _contact(row) if row else None


def contacts_by_id(tx: Tx, ids: list[int]) -> dict[int, ContactLine]:
    """These contacts by id."""
    among, wanted = tx.among(ids)
    return {row[0]: _contact(row) for row in tx.rows(f"{_CONTACT} WHERE id {among}", (wanted,))}


def identities(tx: Tx, contact_id: int) -> list[tuple[str, str, int, str]]:
    """What a contact goes by: kind, value, since when, where it came from."""
    return tx.rows(  # type: ignore[return-value]
        "SELECT kind, value, created_at, source FROM identities WHERE contact_id = ? ORDER BY kind, value LIMIT 100",
        (contact_id,),
    )


def last_words(tx: Tx, contact_id: int) -> list[tuple[str, str, str, str, int]]:
    """The last word of a contact on each channel and topic: both, what it was, where it was said, when."""
    return tx.rows(  # type: ignore[return-value]
        "SELECT channel, topic, action, source, at FROM consents WHERE id IN"
        " (SELECT max(id) FROM consents WHERE contact_id = ? GROUP BY channel, topic) ORDER BY channel, topic",
        (contact_id,),
    )


def suppressions(tx: Tx, addresses: list[str]) -> list[tuple[str, str, str]]:
    """What may not be sent to any of these addresses: address, channel, reason."""
    among, wanted = tx.among(addresses)
    return tx.rows(f"SELECT address, channel, reason FROM suppressions WHERE address {among}", (wanted,))  # type: ignore[return-value]


def inside_versions(tx: Tx, journey_id: int) -> dict[int, int]:
    """How many people are inside each version of a journey."""
    return dict(
        tx.rows(
            "SELECT version_id, count(*) FROM enrollments WHERE journey_id = ? AND ended_at IS NULL GROUP BY 1",
            (journey_id,),
        )
    )  # type: ignore[arg-type]


# ── messages ──────────────────────────────────────────────────────────────────────────────────────────

_MESSAGE = (
    "SELECT m.id, m.contact_id, j.name, j.title, m.channel, m.content, m.status, m.reason, m.queued_at, m.due_at,"
    " m.sent_at, m.opened_at, m.clicked_at FROM messages m JOIN journeys j ON j.id = m.journey_id"
)


def messages_of(tx: Tx, contact_id: int, limit: int = PAGE) -> list[MessageLine]:
    """The messages of a contact, the last first."""
    rows = tx.rows(_MESSAGE + " WHERE m.contact_id = ? ORDER BY m.id DESC LIMIT ?", (contact_id, limit))
    return [MessageLine(*row) for row in rows]


def troubled_messages(tx: Tx, limit: int = 20) -> list[MessageLine]:
    """Messages whose arrival is in doubt or that failed, the last first."""
    rows = tx.rows(_MESSAGE + " WHERE m.status IN ('in_doubt', 'failed') ORDER BY m.id DESC LIMIT ?", (limit,))
    return [MessageLine(*row) for row in rows]


def message_states(tx: Tx) -> dict[str, int]:
    """How many messages there are in each status."""
    return dict(tx.rows("SELECT status, count(*) FROM messages GROUP BY status"))


# ── events ────────────────────────────────────────────────────────────────────────────────────────────


def events(
    tx: Tx, *, name: str = "", contact_id: int | None = None, before: int | None = None, limit: int = PAGE
) -> list[tuple[int, int, str, int, dict[str, Any]]]:
    """Events as they arrived, the last first: id, contact, name, moment, properties."""
    wheres, values = ["id < ?"], [_top(before)]
    if name:
        wheres, values = [*wheres, "name = ?"], [*values, name]
    if contact_id is not None:
        wheres, values = [*wheres, "contact_id = ?"], [*values, contact_id]
    rows = tx.rows(
        f"SELECT id, contact_id, name, at, properties FROM events WHERE {' AND '.join(wheres)}"
        " ORDER BY id DESC LIMIT ?",
        (*values, limit),
    )
    return [(i, person, name, at, load(properties)) for i, person, name, at, properties in rows]


def rejections(tx: Tx, limit: int = PAGE) -> list[Row]:
    """What was refused at the door: moment, source, messageId, reason, sample."""
    return tx.rows("SELECT at, source, message_id, reason, sample FROM rejections ORDER BY id DESC LIMIT ?", (limit,))


# ── helpers ───────────────────────────────────────────────────────────────────────────────────────────


def _top(before: int | None) -> Any:
    return 2**62 if before is None else before


def _step(step: str) -> tuple[str, str]:
    node, _, port = step.partition(":")
    return node, port


def _contact(row: Row) -> ContactLine:
    key, external_id, email, phone, properties, *rest = row
    return ContactLine(key, external_id, email, phone, load(properties), *rest)
