"""What letters may speak of: of the contact, of the event that brought them, and of the journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .columns import load
from .database import Tx

FILLING = """
SELECT m.id, c.properties, c.email, c.phone, c.external_id, ev.name, ev.at, ev.properties, j.name, j.title,
  m.content, m.channel, COALESCE(w.untracked, 0), c.id
FROM messages m
JOIN contacts o ON o.id = m.contact_id
JOIN contacts c ON c.id = COALESCE(o.merged_into, o.id)
LEFT JOIN enrollments e ON e.id = m.enrollment_id
LEFT JOIN journeys j ON j.id = m.journey_id
LEFT JOIN events ev ON ev.id = e.event_id
LEFT JOIN wishes w ON w.contact_id = c.id
WHERE m.id {among}
"""


@dataclass(frozen=True, slots=True)
class Filling:
    """What a letter may speak of; its own name and channel, and whether nothing may be counted of its reader.

    ``more`` is what this letter asks for beyond that, by word: see `runtime.letter_facts`.
    """

    contact: dict[str, Any]
    event: dict[str, Any]
    journey: dict[str, Any]
    letter: str = ""
    channel: str = ""
    untracked: bool = False
    contact_id: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    def words(self) -> dict[str, Any]:
        """What stands in a letter under which name."""
        return {"contact": self.contact, "event": self.event, "journey": self.journey, **self.more}


def fillings(tx: Tx, message_ids: Sequence[int]) -> dict[int, Filling]:
    """What the letters of these messages may speak of."""
    among, ids = tx.among(message_ids)
    return {row[0]: filling_of(row[1:]) for row in tx.rows(FILLING.replace("{among}", among), (ids,))}


def filling_of(row: Sequence[Any]) -> Filling:
    """Of ``(properties, email, phone, external_id, event, at, its properties, journey name, title)``, and maybe
    ``(letter, channel, untracked, contact)``."""
    properties, email, phone, external_id, event, at, event_properties, name, title, *of_message = row
    contact = dict(load(properties) or {})
    contact.update(email=email, phone=phone, external_id=external_id)
    given = contact.get("firstName") or str(contact.get("name") or "").partition(" ")[0]
    if given:
        contact.setdefault("first_name", given)
    happening = dict(load(event_properties) or {})
    if event is not None:
        happening.setdefault("name", event)
        happening.setdefault("at", at)
    letter, channel, untracked, whose = of_message or ("", "", False, 0)
    return Filling(contact, happening, {"name": name, "title": title}, letter, channel, bool(untracked), whose)
