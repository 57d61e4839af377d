"""Everything that is known of one message, from the contact to the last decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .columns import load
from .database import Tx


@dataclass(frozen=True, slots=True)
class Step:
    """One walk of the enrollment: when, and ``node:port`` steps."""

    seq: int
    at: int
    steps: str


@dataclass(frozen=True, slots=True)
class Said:
    """One decision about the message."""

    at: int
    verdict: str
    reason: str
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """One message with all that led to it. Moments are milliseconds."""

    message_id: int
    channel: str
    letter: str
    status: str
    reason: str | None
    attempts: int
    queued_at: int
    sent_at: int | None
    opened_at: int | None
    clicked_at: int | None
    turn: int
    account: str | None
    delivered_at: int | None
    units: int | None
    cost: int | None
    settings: dict[str, Any]  # of the account, as far as they may be seen
    seq: int
    node: int
    contact_id: int
    email: str | None
    journey: str | None
    journey_title: str | None
    entered_at: int | None
    ended_at: int | None
    event: str | None
    event_at: int | None
    version: int | None
    content_hash: str | None
    approved_by: str | None
    approved_at: int | None
    content: dict[str, Any]
    walks: tuple[Step, ...]
    decisions: tuple[Said, ...]


STORY = """
SELECT m.id, m.channel, m.content, m.status, m.reason, m.attempts, m.queued_at, m.sent_at, m.opened_at, m.clicked_at,
  m.turn, m.account, m.delivered_at, m.units, m.cost, a.settings,
  m.seq, m.node, m.contact_id, c.email, j.name, j.title, e.entered_at, e.ended_at, ev.name, ev.at,
  v.number, v.content_hash, v.approved_by, v.approved_at, v.content, m.enrollment_id
FROM messages m
LEFT JOIN contacts c ON c.id = m.contact_id
LEFT JOIN enrollments e ON e.id = m.enrollment_id
LEFT JOIN events ev ON ev.id = e.event_id
LEFT JOIN journeys j ON j.id = m.journey_id
LEFT JOIN versions v ON v.id = m.version_id
LEFT JOIN accounts a ON a.name = m.account
WHERE m.id = ?
"""


def story(tx: Tx, message_id: int) -> Story | None:
    """The story of one message, or None when there is no such message."""
    row = tx.one(STORY, (message_id,))
    if row is None:
        return None
    walks = tx.rows(
        "SELECT w.seq, w.at, p.steps FROM walks w JOIN paths p ON p.id = w.path_id "
        "WHERE w.enrollment_id = ? ORDER BY w.seq",
        (row[31],),
    )
    said = tx.rows("SELECT at, verdict, reason, inputs FROM decisions WHERE message_id = ? ORDER BY id", (message_id,))
    decisions = [Said(at, verdict, reason, load(inputs)) for at, verdict, reason, inputs in said]
    known = [*row[:15], load(row[15]) or {}, *row[16:30], load(row[30]) or {}]
    return Story(*known, walks=tuple(Step(*walk) for walk in walks), decisions=tuple(decisions))
