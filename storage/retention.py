"""What is old enough to go, page by page: rows nobody needs any more, and people who were silent for long."""

from __future__ import annotations

from collections.abc import Sequence

from . import consents, entering, erasing, features, matches, merges, openings, search, webhooks
from .database import Tx
from .events import OURS

AGED = ("events", "decisions", "rejections", "audit_entries")  # tables whose rows go by their age; all have id and at

PRIVATE = ("identities", "signups", "wishes")  # tables whose rows are about who somebody is
FOREIGN = ("sent", "retry", "failed", "in_doubt")  # verdicts in the words of a server, which may name the reader
NOT_KEPT = "What was answered is not kept any longer."


def highest(tx: Tx, table: str) -> int:
    """The newest row of a table."""
    return tx.value(f"SELECT coalesce(max(id), 0) FROM {table}")


def aged(tx: Tx, table: str, before_ms: int, after_id: int, span: int) -> list[int]:
    """Rows of a table of `AGED` that are older, among the ``span`` ids after ``after_id``."""
    assert table in AGED
    sql = f"SELECT id FROM {table} WHERE id > ? AND id <= ? AND at < ? ORDER BY id"
    return [row[0] for row in tx.rows(sql, (after_id, after_id + span, before_ms))]


def drop(tx: Tx, table: str, rows: Sequence[int]) -> int:
    """Delete these rows of a table of `AGED`; a stay forgets which event it began with."""
    assert table in AGED
    among, ids = tx.among(rows)
    if table == "events":
        features.touch(
            tx, [row[0] for row in tx.rows(f"SELECT DISTINCT contact_id FROM events WHERE id {among}", (ids,))]
        )
        tx.run(f"UPDATE enrollments SET event_id = NULL WHERE ended_at IS NOT NULL AND event_id {among}", (ids,))
    return tx.run(f"DELETE FROM {table} WHERE id {among}", (ids,)).rowcount


def silent(tx: Tx, before_ms: int, after_id: int, span: int) -> list[int]:
    """People, among the ``span`` ids after ``after_id``, who did nothing since: no event, no opening, no click.

    Whoever stands in a journey, or said anything about consent since, is not silent.
    """
    ours, names = tx.among(OURS)
    sql = f"""
SELECT c.id FROM contacts c
WHERE c.id > ? AND c.id <= ? AND c.created_at < ? AND c.erased_at IS NULL AND c.merged_into IS NULL
  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.contact_id = c.id AND e.at >= ? AND NOT (e.name {ours}))
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.contact_id = c.id AND (m.opened_at >= ? OR m.clicked_at >= ?))
  AND NOT EXISTS (SELECT 1 FROM consents k WHERE k.contact_id = c.id AND k.at >= ?)
  AND NOT EXISTS (SELECT 1 FROM enrollments n WHERE n.contact_id = c.id AND n.ended_at IS NULL)
ORDER BY c.id"""
    limits = (after_id, after_id + span, before_ms, before_ms, names, before_ms, before_ms, before_ms)
    return [row[0] for row in tx.rows(sql, limits)]


def anonymise(tx: Tx, contacts: Sequence[int], now_ms: int) -> None:
    """Nobody can tell any more who these were: what they did stays without its details, and counts.

    An address nothing may be sent to stays on that list; what others said of them goes with the others' own rows.
    """
    everybody = sorted({one for contact in contacts for one in erasing.family(tx, contact)})
    among, ids = tx.among(everybody)
    addresses = [(value,) for _, value in sorted(erasing.names_of(tx, everybody))]
    entering.send_away(tx, everybody, now_ms)
    for forget in (consents.unveil, merges.forget, matches.forget, openings.forget, search.forget, webhooks.forget):
        forget(tx, everybody)
    features.touch(tx, everybody)
    tx.many("DELETE FROM bounces WHERE address = lower(?)", addresses)
    for table in PRIVATE:
        tx.run(f"DELETE FROM {table} WHERE contact_id {among}", (ids,))
    foreign, verdicts = tx.among(FOREIGN)
    tx.run(
        f"UPDATE decisions SET reason = ?, inputs = '{{}}' WHERE verdict {foreign} AND message_id IN "
        f"(SELECT id FROM messages WHERE contact_id {among})",
        (NOT_KEPT, verdicts, ids),
    )
    tx.run(
        f"UPDATE messages SET reason = ? WHERE reason IS NOT NULL AND status {foreign} AND contact_id {among}",
        (NOT_KEPT, verdicts, ids),
    )
    tx.run(f"UPDATE events SET properties = '{{}}' WHERE contact_id {among}", (ids,))
    tx.run(
        "UPDATE contacts SET external_id = NULL, email = NULL, phone = NULL, properties = '{}', changed_at = ?,"
        f" erased_at = ? WHERE id {among}",
        (now_ms, now_ms, ids),
    )
