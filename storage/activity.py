"""What happened lately, for those who answer to it."""

from __future__ import annotations

from .database import Row, Tx


def last_decision(tx: Tx) -> int:
    """The newest decision about any message."""
    return tx.value("SELECT coalesce(max(id), 0) FROM decisions")


def delivered_after(tx: Tx, decision: int, limit: int) -> list[Row]:
    """``(decision, message, contact, external id)`` of letters handed over since that decision, the oldest first."""
    return tx.rows(
        "SELECT d.id, m.id, c.id, c.external_id FROM decisions d JOIN messages m ON m.id = d.message_id"
        " JOIN contacts c ON c.id = m.contact_id"
        " WHERE d.id > ? AND d.verdict = 'sent' AND m.channel = 'email' ORDER BY d.id LIMIT ?",
        (decision, limit),
    )


def events_so_far(tx: Tx) -> int:
    """About how many events are stored; costs nothing."""
    return tx.value("SELECT coalesce(max(id), 0) FROM events")
