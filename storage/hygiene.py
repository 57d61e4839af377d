"""How clean the list is, in figures: addresses left alone, mailboxes on the way there, people who are silent."""

from __future__ import annotations

from .database import Tx


def left_alone(tx: Tx, channel: str) -> int:
    """Addresses nothing is sent to on a channel any more."""
    return tx.value("SELECT count(*) FROM suppressions WHERE channel IN (?, '')", (channel,)) or 0


def bouncing(tx: Tx, channel: str) -> list[tuple[int, int]]:
    """``(letters in a row that were not taken, addresses)``, of those that are still written to."""
    rows = tx.rows("SELECT n, count(*) FROM bounces WHERE channel = ? GROUP BY n ORDER BY n", (channel,))
    return [(int(n), int(count)) for n, count in rows]


def silent(tx: Tx, before_ms: int) -> int:
    """People with an e-mail address who gave no sign of life since then."""
    return (
        tx.value(
            "SELECT count(*) FROM contacts c LEFT JOIN features f ON f.contact_id = c.id WHERE c.email IS NOT NULL"
            " AND c.merged_into IS NULL AND c.erased_at IS NULL AND c.created_at < ?"
            " AND COALESCE(f.last_seen_at, 0) < ?",
            (before_ms, before_ms),
        )
        or 0
    )
