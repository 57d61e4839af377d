"""People a letter that is being written would reach, a few of them, with what it could say to them."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Tx
from .fillings import Filling, filling_of

EVENTS = 400  # newest events looked through for different people
ALIVE = "c.erased_at IS NULL AND c.merged_into IS NULL"


def who_did(tx: Tx, event: str, name: str, title: str, most: int) -> list[Filling]:
    """Those who did the event last, each with that event."""
    rows = tx.rows(
        "SELECT c.id, c.properties, c.email, c.phone, c.external_id, e.name, e.at, e.properties FROM"
        " (SELECT contact_id, name, at, properties FROM events WHERE name = ? ORDER BY at DESC, id DESC LIMIT ?) e"
        " JOIN contacts o ON o.id = e.contact_id JOIN contacts c ON c.id = COALESCE(o.merged_into, o.id)"
        " WHERE c.erased_at IS NULL ORDER BY e.at DESC",
        (event, EVENTS),
    )
    once = {row[0]: row[1:] for row in reversed(rows)}  # the newest of each
    newest = dict.fromkeys(row[0] for row in rows)
    return [filling_of((*once[contact], name, title)) for contact in list(newest)[:most]]


def these(tx: Tx, contacts: Sequence[int], name: str, title: str) -> list[Filling]:
    """These contacts, with no event."""
    among, wanted = tx.among(list(contacts))
    rows = tx.rows(
        f"SELECT c.properties, c.email, c.phone, c.external_id FROM contacts c WHERE c.id {among} AND {ALIVE}"
        " ORDER BY c.id DESC",
        (wanted,),
    )
    return [filling_of((*row, None, None, "{}", name, title)) for row in rows]


def newest(tx: Tx, name: str, title: str, most: int) -> list[Filling]:
    """The newest contacts, with no event."""
    wanted = f"SELECT c.properties, c.email, c.phone, c.external_id FROM contacts c WHERE {ALIVE}"
    rows = tx.rows(f"{wanted} ORDER BY c.id DESC LIMIT ?", (most,))
    return [filling_of((*row, None, None, "{}", name, title)) for row in rows]
