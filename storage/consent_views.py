"""The ledger as people read it: one contact's entries, how many said what about each topic, and what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .columns import load
from .consents import DENIED, GRANTED, WITHDRAWN
from .database import Tx
from .merges import parts, root

NAMES = (
    "id", "contact_id", "channel", "topic", "action", "legal_basis", "wording", "language", "source", "at", "actor",
    "confirmed_at", "identifier", "ip", "agent", "evidence", "hash",
)  # fmt: skip
ACTIONS = (GRANTED, DENIED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many live contacts said what last, of one channel and topic."""

    channel: str
    topic: str
    granted: int
    denied: int
    withdrawn: int
    unknown: int  # reachable by the channel, and never asked or never answered


def ledger(tx: Tx, contact_id: int) -> list[dict[str, Any]]:
    """Every entry about a contact and those merged into them, in the order they were written; moments are ms."""
    person = root(tx, contact_id)
    among, ids = tx.among(parts(tx, person) if person is not None else [])
    rows = tx.rows(f"SELECT {', '.join(NAMES)} FROM consents WHERE contact_id {among} ORDER BY id", (ids,))
    found = [dict(zip(NAMES, row, strict=True)) for row in rows]
    return [{**one, "evidence": load(one["evidence"])} for one in found]


def tallies(tx: Tx, wanted: Sequence[tuple[str, str]]) -> list[Tally]:
    """Counts for these ``(channel, topic)``: one pass over the last words of live contacts."""
    counted: dict[tuple[str, str, str], int] = {}
    for channel, topic, action, n in tx.rows(
        "SELECT k.channel, k.topic, k.action, count(*) FROM consents k "
        "JOIN (SELECT max(id) AS id FROM consents GROUP BY contact_id, channel, topic) l ON l.id = k.id "
        "JOIN contacts c ON c.id = k.contact_id AND c.merged_into IS NULL AND c.erased_at IS NULL "
        "GROUP BY k.channel, k.topic, k.action"
    ):
        counted[channel, topic, action] = n
    emails, phones, everybody = tx.one(
        "SELECT count(email), count(phone), count(*) FROM contacts WHERE merged_into IS NULL AND erased_at IS NULL"
    ) or (0, 0, 0)
    reachable = {"email": emails, "sms": phones, "whatsapp": phones}
    found = []
    for channel, topic in wanted:
        granted, denied, gone = (counted.get((channel, topic, action), 0) for action in ACTIONS)
        unknown = max(0, reachable.get(channel, everybody) - granted - denied - gone)
        found.append(Tally(channel, topic, granted, denied, gone, unknown))
    return found


def spoken_of(tx: Tx) -> set[str]:
    """Every topic the ledger knows, and every one a journey is sent under."""
    known = {topic for (topic,) in tx.rows("SELECT DISTINCT topic FROM consents")}
    drafts = (load(draft) for (draft,) in tx.rows("SELECT draft FROM journeys"))
    return known | {draft["topic"] for draft in drafts if draft.get("topic")}
