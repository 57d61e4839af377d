"""What figures are worked out from: what a batch of contacts did, and what they did with their messages."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Row, Tx


def living(tx: Tx, contacts: Sequence[int]) -> dict[int, int]:
    """When each of these contacts came, in milliseconds; who was merged or erased is left out."""
    among, ids = tx.among(contacts)
    found = tx.rows(
        f"SELECT id, created_at FROM contacts WHERE id {among} AND merged_into IS NULL AND erased_at IS NULL", (ids,)
    )
    return {contact: at for contact, at in found}  # noqa: C416 (a typed dict of a list of rows)


def events(tx: Tx, contacts: Sequence[int], telling: Sequence[str]) -> list[Row]:
    """``(contact, name, at, properties or None)`` by contact and time; properties of ``telling`` names only."""
    spoken, names = tx.among(telling)
    among, ids = tx.among(contacts)
    return tx.rows(
        f"SELECT contact_id, name, at, CASE WHEN name {spoken} THEN properties END"
        f" FROM events WHERE contact_id {among} ORDER BY contact_id, at, id",
        (names, ids),
    )


def letters(tx: Tx, contacts: Sequence[int]) -> list[Row]:
    """``(contact, opened_at, clicked_at)`` of the messages they opened or clicked."""
    among, ids = tx.among(contacts)
    return tx.rows(
        f"SELECT contact_id, opened_at, clicked_at FROM messages WHERE contact_id {among}"
        " AND (opened_at IS NOT NULL OR clicked_at IS NOT NULL)",
        (ids,),
    )
