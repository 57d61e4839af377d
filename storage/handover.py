"""What must be known of a message before it is handed over, and what its letter is filled with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from .columns import dump, load
from .database import Tx
from .events import OURS


@dataclass(frozen=True, slots=True)
class Facts:
    """One message as the gate sees it. Everything here is read at one moment, in one query."""

    message_id: int
    version_id: int
    contact_id: int  # after merging
    channel: str
    erased: bool
    address: str | None
    suppressed: str | None  # the reason
    consents: dict[str, str]  # for the channel: topic → the last word on it; what is missing is not known
    paused_until: int | None  # the contact's own pause
    full_until: int | None  # they asked for so many letters a week, and that many went: until one is a week old
    seen_at: int | None  # the last sign of life: they did something, opened, clicked, agreed, or came to us
    queued_at: int
    legal_basis: str | None  # recorded when the version was published
    journey_status: str | None
    in_journey: bool  # still there, waiting for this very message, and not called away
    content_hash: str | None
    approved_hash: str | None


@dataclass(frozen=True, slots=True)
class Filling:
    """What a letter may speak of."""

    contact: dict[str, Any]
    event: dict[str, Any]
    journey: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Approved:
    """A version with its own and its approved hash."""

    content: dict[str, Any]
    content_hash: str
    approved_hash: str | None


FACTS = """
SELECT m.id, m.version_id, c.id, m.channel, c.erased_at IS NOT NULL,
  CASE m.channel WHEN 'email' THEN c.email WHEN 'sms' THEN c.phone ELSE COALESCE(c.email, c.phone) END,
  (SELECT s.reason FROM suppressions s
    WHERE s.address IN (lower(c.email), c.phone) AND s.channel IN ('', m.channel)
      AND (s.expires_at IS NULL OR s.expires_at > ?) ORDER BY s.id LIMIT 1),
  {consents},
  w.paused_until,
  CASE WHEN w.per_week IS NOT NULL THEN (SELECT had.at FROM (
      SELECT COALESCE(x.sent_at, ?) AS at, row_number() OVER (ORDER BY COALESCE(x.sent_at, ?) DESC) AS place
      FROM messages x LEFT JOIN versions xv ON xv.id = x.version_id
      WHERE x.contact_id = c.id AND x.id <> m.id AND (x.sent_at > ? OR x.status = 'sending')
        AND COALESCE(xv.legal_basis, 'consent') <> 'contract') had
    WHERE had.place = w.per_week) + 604800000 END,
  (SELECT max(sign.at) FROM (
      SELECT c.created_at AS at UNION ALL SELECT f.last_seen_at
      UNION ALL SELECT k.at FROM consents k WHERE k.contact_id = c.id AND k.action = 'granted'
      UNION ALL SELECT b.at FROM events b WHERE b.id = e.event_id AND b.name NOT IN ({ours})) sign),
  m.queued_at, v.legal_basis, j.status,
  e.id IS NOT NULL AND e.ended_at IS NULL AND e.interrupt IS NULL AND e.outbox = 1 AND e.seq = m.seq,
  v.content_hash, v.approved_hash
"""
FROM = """
FROM messages m
JOIN contacts o ON o.id = m.contact_id
JOIN contacts c ON c.id = COALESCE(o.merged_into, o.id)
LEFT JOIN enrollments e ON e.id = m.enrollment_id
LEFT JOIN journeys j ON j.id = m.journey_id
LEFT JOIN versions v ON v.id = m.version_id
LEFT JOIN wishes w ON w.contact_id = c.id
LEFT JOIN features f ON f.contact_id = c.id
"""
WEEK_MS = 7 * 86_400_000
LAST_WORDS = {  # as a JSON object whose last key of a name wins; parsed here on one store, there on the other
    False: "(SELECT json_group_object(k.topic, k.action) FROM (SELECT s.topic, s.action FROM consents s"
    " WHERE s.contact_id = c.id AND s.channel = m.channel ORDER BY s.topic, s.id) k)",
    True: "(SELECT jsonb_object_agg(k.topic, k.action ORDER BY k.id) FROM consents k"
    " WHERE k.contact_id = c.id AND k.channel = m.channel)",
}
NAMES = tuple(field.name for field in fields(Facts))
KNOWN = len(NAMES)
FILLING = """,
  c.properties, c.email, c.phone, c.external_id, ev.name, ev.at, ev.properties, j.name, j.title
"""


def facts(tx: Tx, message_id: int, now_ms: int) -> Facts | None:
    """What is known of one message now. On PostgreSQL the contact is held still until the transaction ends."""
    if tx.postgres:  # a statement of its own: the next one then sees what was committed before the lock was had
        tx.run(
            "SELECT c.id FROM messages m JOIN contacts o ON o.id = m.contact_id "
            "JOIN contacts c ON c.id = COALESCE(o.merged_into, o.id) WHERE m.id = ? FOR NO KEY UPDATE OF c",
            (message_id,),
        )
    row = tx.one(f"{_columns(tx)}{FROM} WHERE m.id = ?", (*_moments(now_ms), message_id))
    return None if row is None else _facts(row)


def load_many(tx: Tx, message_ids: Sequence[int], now_ms: int) -> dict[int, tuple[Facts, Filling]]:
    """Facts and filling of many messages, in one query."""
    among, ids = tx.among(message_ids)
    rows = tx.rows(
        f"{_columns(tx)}{FILLING}{FROM} LEFT JOIN events ev ON ev.id = e.event_id WHERE m.id {among}",
        (*_moments(now_ms), ids),
    )
    return {row[0]: (_facts(row[:KNOWN]), filling_of(row[KNOWN:])) for row in rows}


def approved(tx: Tx, version_id: int) -> Approved | None:
    """A version's content and hashes."""
    row = tx.one("SELECT content, content_hash, approved_hash FROM versions WHERE id = ?", (version_id,))
    return None if row is None else Approved(load(row[0]), row[1], row[2])


def canonical(content: dict[str, Any]) -> bytes:
    """The bytes a content hash is taken of."""
    return dump(content).encode()


def _facts(row: Sequence[Any]) -> Facts:
    values = dict(zip(NAMES, row, strict=True))
    values["consents"] = load(values["consents"]) or {}
    for name in ("erased", "in_journey"):  # SQLite has no booleans
        values[name] = bool(values[name])
    return Facts(**values)


def _moments(now_ms: int) -> tuple[int, int, int, int]:
    return now_ms, now_ms, now_ms, now_ms - WEEK_MS


def _columns(tx: Tx) -> str:
    return FACTS.replace("{consents}", LAST_WORDS[tx.postgres]).replace("{ours}", ", ".join(f"'{one}'" for one in OURS))


def filling_of(row: Sequence[Any]) -> Filling:
    """Of ``(properties, email, phone, external_id, event, at, its properties, journey name, title)``."""
    properties, email, phone, external_id, event, at, event_properties, name, title = row
    contact = dict(load(properties) or {})
    contact.update(email=email, phone=phone, external_id=external_id)
    given = contact.get("firstName") or str(contact.get("name") or "").partition(" ")[0]
    if given:
        contact.setdefault("first_name", given)
    happening = dict(load(event_properties) or {})
    if event is not None:
        happening.setdefault("name", event)
        happening.setdefault("at", at)
    return Filling(contact, happening, {"name": name, "title": title})
