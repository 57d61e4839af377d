"""What must be known of messages before they are handed over, many at once, and what their letters are filled with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, NamedTuple

from . import devices, standing, touches
from .columns import dump, load
from .database import Row, Tx
from .events import OURS
from .features import FIGURES
from .fillings import Filling, fillings
from .touches import Had

ADDRESSES = {"email": "email", "sms": "phone"}  # by which address a channel reaches somebody, unless told otherwise


class Facts(NamedTuple):
    """One message as the gate sees it, all of it read in one transaction. A tuple: there are thousands in a batch."""

    message_id: int
    version_id: int
    contact_id: int  # after merging
    channel: str
    content: str  # the letter's name
    enrollment_id: int
    journey_id: int
    node: int
    turn: int
    rank: int
    weight: int
    queued_at: int
    due_at: int
    held: str | None  # why it was put off the last time
    phone: str | None
    properties: Any  # of the profile, as the store has them: for where they live
    created_at: int
    last_seen_at: int | None
    came_at: int | None  # their own event that brought them into the journey
    paused_until: int | None  # the contact's own pause
    per_week: int | None  # so many they asked for
    arrived_at: int  # at the step that sends it
    erased: bool
    in_journey: bool  # still there, waiting for this very message, and not called away
    address: str | None = None  # "" where the medium needs none
    suppressed: str | None = None  # the reason
    consents: Mapping[str, str] = {}  # for the channel: topic → the last word on it; what is missing is not known
    agreed_at: int | None = None  # the last time they agreed to anything
    had: Sequence[Had] = ()  # what went to them, the oldest first, as far back as was asked
    setbacks: Sequence[tuple[str, str, int]] = ()  # kind, channel, moment: as far back as was asked
    barred: frozenset[str] = frozenset()  # senders of ours they said STOP to
    figures: Mapping[str, Any] = {}  # those that were asked for
    journey_status: str | None = None
    legal_basis: str | None = None  # recorded when the version was published
    content_hash: str | None = None
    approved_hash: str | None = None

    @property
    def seen_at(self) -> int:
        """The last sign of life: they did something, opened, clicked, agreed, or came to us."""
        seen = self.created_at
        if (at := self.last_seen_at) and at > seen:
            seen = at
        if (at := self.came_at) and at > seen:
            seen = at
        return at if (at := self.agreed_at) and at > seen else seen


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules have to know beyond what is always known."""

    addresses: Mapping[str, str] = dataclass_field(default_factory=lambda: ADDRESSES)  # by channel
    had_after_ms: int | None = None  # None: only of people who wish for so many a week
    week_after_ms: int = 0
    setbacks_after_ms: int | None = None
    figures: tuple[str, ...] = ()
    senders: bool = False  # whether anybody may have said STOP to a sender
    chains: bool = False  # whether it matters which of what went to somebody belongs together


ALWAYS = Asked()


@dataclass(frozen=True, slots=True)
class Approved:
    """A version with its own and its approved hash."""

    content: dict[str, Any]
    content_hash: str
    approved_hash: str | None


FACTS = """
SELECT m.id, m.version_id, c.id, m.channel, m.content, m.enrollment_id, m.journey_id, m.node, m.turn, m.rank, m.weight,
  m.queued_at, m.due_at, m.reason, c.phone, {properties}, c.created_at, f.last_seen_at, b.at, w.paused_until,
  w.per_week, COALESCE(e.since_at, 0), c.erased_at IS NOT NULL,
  e.id IS NOT NULL AND e.ended_at IS NULL AND e.interrupt IS NULL AND e.outbox = 1 AND e.seq = m.seq,
  c.email, lower(c.email){figures}
"""
FROM = """
FROM {source} m
JOIN contacts o ON o.id = m.contact_id
JOIN contacts c ON c.id = COALESCE(o.merged_into, o.id)
LEFT JOIN enrollments e ON e.id = m.enrollment_id
LEFT JOIN events b ON b.id = e.event_id AND b.name NOT IN ({ours})
LEFT JOIN wishes w ON w.contact_id = c.id
LEFT JOIN features f ON f.contact_id = c.id
"""
OWN = 22  # columns of FACTS that are the first fields of Facts; two that say yes or no, two addresses, figures follow
PHONE, PER_WEEK = 14, 20
NO_ADDRESS = {None, ""}
UNHEARD: standing.Said = {}, None  # of whom no word is known
NOBODY: frozenset[str] = frozenset()
UNVERSIONED = (None, None, None)
SUPPOSED = (  # a message that does not exist, as it stands in the outbox: the types are PostgreSQL's business
    "(SELECT 0 AS id, 0 AS version_id, CAST(? AS bigint) AS contact_id, CAST(? AS text) AS channel, '' AS content,"
    " CAST(0 AS bigint) AS enrollment_id, CAST(? AS bigint) AS journey_id, 0 AS node, 0 AS turn, 0 AS seq,"
    " CAST(? AS integer) AS rank, CAST(? AS integer) AS weight, CAST(? AS bigint) AS queued_at,"
    " CAST(? AS bigint) AS due_at, NULL AS reason)"
)


def facts(tx: Tx, message_ids: Sequence[int], now_ms: int, asked: Asked = ALWAYS, *, lock: bool = False) -> list[Facts]:
    """What is known of these messages now, in a few queries.

    ``lock``: on PostgreSQL their contacts are held still until the transaction ends, each after the other in order
    of their ids; on SQLite whoever writes is alone anyway.
    """
    if not message_ids:
        return []
    among, ids = tx.among(message_ids)
    if (
        lock and tx.postgres
    ):  # a statement of its own: the next one then sees what was committed before the lock was had
        tx.run(
            "SELECT c.id FROM contacts c WHERE c.id IN (SELECT COALESCE(o.merged_into, o.id) FROM messages m"
            f" JOIN contacts o ON o.id = m.contact_id WHERE m.id {among}) ORDER BY c.id FOR NO KEY UPDATE",
            (ids,),
        )
    return _complete(tx, tx.rows(_sql(tx, asked) + f" WHERE m.id {among}", (ids,)), now_ms, asked)


def rivals(
    tx: Tx,
    contacts: Sequence[int],
    queued_after_ms: int,
    due_by_ms: int,
    but: Collection[int],
    now_ms: int,
    asked: Asked = ALWAYS,
) -> list[Facts]:
    """The other open messages of these contacts that were queued after one moment and are due by another."""
    among, ids = tx.among(contacts)
    rows = tx.rows(
        f"SELECT id FROM messages WHERE contact_id {among} AND queued_at > ? AND due_at <= ?"
        " AND status IN ('queued', 'leased') AND journey_id NOT IN (SELECT id FROM journeys WHERE status = 'paused')",
        (ids, queued_after_ms, due_by_ms),
    )
    return facts(tx, [key for (key,) in rows if key not in but], now_ms, asked)


def supposed(
    tx: Tx,
    contact_id: int,
    channel: str,
    now_ms: int,
    asked: Asked = ALWAYS,
    *,
    rank: int = 3,
    weight: int = 50,
    journey_id: int | None = None,
) -> Facts | None:
    """What would be known of a message of an approved version queued to somebody at this moment.

    None when there is no such contact.
    """
    params = (contact_id, channel, journey_id, rank, weight, now_ms, now_ms)
    found = _complete(tx, tx.rows(_sql(tx, asked, SUPPOSED), params), now_ms, asked)
    if not found:
        return None
    status = found[0].journey_status or "live"
    return found[0]._replace(in_journey=True, journey_status=status, content_hash="supposed", approved_hash="supposed")


def load_many(tx: Tx, message_ids: Sequence[int], now_ms: int) -> dict[int, tuple[Facts, Filling]]:
    """Facts and filling of many messages."""
    filled = fillings(tx, message_ids)
    return {of.message_id: (of, filled[of.message_id]) for of in facts(tx, message_ids, now_ms)}


def approved(tx: Tx, version_id: int) -> Approved | None:
    """A version's content and hashes."""
    row = tx.one("SELECT content, content_hash, approved_hash FROM versions WHERE id = ?", (version_id,))
    return None if row is None else Approved(load(row[0]), row[1], row[2])


def canonical(content: dict[str, Any]) -> bytes:
    """The bytes a content hash is taken of."""
    return dump(content).encode()


def _sql(tx: Tx, asked: Asked, source: str = "messages") -> str:
    figures = "".join(f", f.{name}" for name in asked.figures if name in FIGURES)
    columns = FACTS.replace("{properties}", "c.properties::text" if tx.postgres else "c.properties")
    ours = ", ".join(f"'{name}'" for name in OURS)
    return columns.replace("{figures}", figures) + FROM.replace("{source}", source).replace("{ours}", ours)


def _complete(tx: Tx, rows: Sequence[Row], now_ms: int, asked: Asked) -> list[Facts]:
    if not rows:
        return []
    contacts = list({row[2] for row in rows})
    addresses, phones = {row[OWN + 3] for row in rows}, {row[PHONE] for row in rows}
    around = standing.Around(
        standing.suppressions(tx, (addresses | phones) - NO_ADDRESS, now_ms),
        standing.consents(tx, contacts),
        _had(tx, rows, contacts, asked),
        standing.setbacks(tx, contacts, asked.setbacks_after_ms),
        standing.stops(tx, phones - NO_ADDRESS) if asked.senders else {},
        standing.versions(tx, {row[1] for row in rows}),
        standing.journeys(tx, {row[6] for row in rows if row[6] is not None}),
    )
    with_device = {
        medium: devices.of(tx, contacts, medium).keys()
        for medium in {row[3] for row in rows}
        if asked.addresses.get(medium) == "device"
    }
    return [_facts(row, around, asked, with_device) for row in rows]


def _had(tx: Tx, rows: Sequence[Row], contacts: list[int], asked: Asked) -> dict[int, list[Had]]:
    if asked.had_after_ms is not None:
        return touches.of(tx, contacts, min(asked.had_after_ms, asked.week_after_ms), asked.chains)
    return touches.of(tx, list({row[2] for row in rows if row[PER_WEEK] is not None}), asked.week_after_ms)


def _facts(row: Row, around: standing.Around, asked: Asked, with_device: Mapping[str, Collection[int]]) -> Facts:
    contact, channel, phone = row[2], row[3], row[PHONE]
    erased, in_journey, email, lowered = row[OWN : OWN + 4]
    kind = asked.addresses.get(channel)
    if kind == "email":
        address = email
    elif kind == "phone":
        address = phone
    elif kind == "device":
        address = "" if contact in with_device[channel] else None
    else:
        address = "" if kind else email or phone
    said, agreed_at = around.consents.get(contact, UNHEARD)
    values = (
        bool(erased),
        bool(in_journey),
        address,
        standing.reason(around.suppressed, lowered, phone, channel) if around.suppressed else None,
        said.get(channel, {}),
        agreed_at,
        around.had.get(contact, ()),
        around.setbacks.get(contact, ()),
        around.barred.get(phone, NOBODY) if phone else NOBODY,
        dict(zip(asked.figures, row[OWN + 4 :], strict=True)) if asked.figures else {},
        around.journeys.get(row[6]),
    )
    return tuple.__new__(Facts, row[:OWN] + values + around.versions.get(row[1], UNVERSIONED))
