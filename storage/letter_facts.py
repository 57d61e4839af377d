"""What letters ask about their readers: one query for all of a chunk, whatever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .database import Tx
from .facts import RECENCY
from .features import FIGURES

DAY_MS = 86_400_000


def memberships(tx: Tx, contacts: Sequence[int], segments: Sequence[str] | None) -> dict[int, list[str]]:
    """Which of these segments (None: of all) each contact is in; nothing for who is in none."""
    people, ids = tx.among(contacts)
    sql = (
        "SELECT m.contact_id, s.name FROM segment_members m JOIN segments s ON s.id = m.segment_id"
        f" WHERE m.contact_id {people}"
    )
    params: list[Any] = [ids]
    if segments is not None:
        names, wanted = tx.among(segments)
        sql += f" AND s.name {names}"
        params.append(wanted)
    found: dict[int, list[str]] = {}
    for contact, name in tx.rows(sql, params):
        found.setdefault(contact, []).append(name)
    return found


def figures(tx: Tx, contacts: Sequence[int], names: Sequence[str], now_ms: int) -> dict[int, dict[str, Any]]:
    """The figures of these names that each contact has; of names there are not, nothing."""
    known = [name for name in names if name in FIGURES or name in RECENCY]
    if not known:
        return {}
    among, ids = tx.among(contacts)
    columns = ", ".join(RECENCY.get(name) or f"f.{name}" for name in known)
    rows = tx.rows(
        f"SELECT c.id, {columns} FROM contacts c LEFT JOIN features f ON f.contact_id = c.id WHERE c.id {among}", (ids,)
    )
    return {
        row[0]: {
            name: (now_ms - value) / DAY_MS if name in RECENCY else value
            for name, value in zip(known, row[1:], strict=True)
            if value is not None
        }
        for row in rows
    }
