"""What goes out of the store row by row, for programs that read it from outside."""

from __future__ import annotations

from .database import Row, Tx

MESSAGE = (
    "id", "contact_id", "email", "external_id", "journey", "version_id", "node", "channel", "content", "status",
    "reason", "attempts", "queued_at", "due_at", "sent_at", "opened_at", "clicked_at",
)  # fmt: skip


def messages_after(tx: Tx, after: int, limit: int, journey: str | None = None) -> list[Row]:
    """A page of messages in order of their ids (MESSAGE columns); ``node`` is an index into the version's ids."""
    wanted, values = ("AND j.name = ? ", [journey]) if journey else ("", [])
    return tx.rows(
        "SELECT m.id, m.contact_id, c.email, c.external_id, j.name, m.version_id, m.node, m.channel, m.content,"
        " m.status, m.reason, m.attempts, m.queued_at, m.due_at, m.sent_at, m.opened_at, m.clicked_at"
        " FROM messages m JOIN contacts c ON c.id = m.contact_id JOIN journeys j ON j.id = m.journey_id"
        f" WHERE m.id > ? {wanted}ORDER BY m.id LIMIT ?",
        [after, *values, limit],
    )


def everybody(tx: Tx) -> list[Row]:
    """``(email, name, role)`` of all who may sign in, by address."""
    return tx.rows("SELECT email, name, role FROM users WHERE disabled_at IS NULL ORDER BY email")


def size(tx: Tx) -> int:
    """How many bytes the store takes."""
    if tx.postgres:
        return tx.value("SELECT pg_database_size(current_database())")
    return tx.value("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
