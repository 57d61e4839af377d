"""What we keep about one person, for that person: one document, by the name of what it is."""

from __future__ import annotations

from typing import Any

from ...storage import erasing
from ...storage.belongings import belongings, titles
from ...storage.columns import from_ms
from ...storage.database import Tx

WORDS = {
    "contacts": "Profile",
    "identities": "Names you go by",
    "events": "What you did",
    "messages": "Messages",
    "consents": "What you agreed to and refused",
    "enrollments": "Journeys you were or are in",
    "features": "What we worked out",
    "segment_members": "Segments you belong to",
    "caps": "Messages counted against a limit",
    "contact_pauses": "Pauses",
}


def person_file(tx: Tx, contact_id: int, now_ms: int) -> dict[str, Any]:
    """Everything kept about a contact and those merged into it, titled in plain words, ready to be JSON."""
    rows = belongings(tx, erasing.family(tx, contact_id))
    journeys = titles(tx)
    for table in ("enrollments", "messages"):
        for row in rows.get(table, ()):
            row["journey"] = journeys.get(row["journey_id"], "")
    ordered = sorted(rows, key=lambda table: (list(WORDS).index(table) if table in WORDS else len(WORDS), table))
    return {
        "made_at": from_ms(now_ms).isoformat(timespec="seconds"),
        "contact": contact_id,
        "parts": {WORDS.get(table, table.replace("_", " ").capitalize()): rows[table] for table in ordered},
    }
