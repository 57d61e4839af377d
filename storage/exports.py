"""What goes out of the store row by row, for programs that read it from outside."""

from __future__ import annotations

from collections.abc import Sequence

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


CONTACT = ("id", "external_id", "email", "phone", "created_at", "changed_at", "properties")
_CONTACT = f"SELECT {', '.join(CONTACT)} FROM contacts WHERE merged_into IS NULL AND erased_at IS NULL"
EVENT = ("id", "external_id", "email", "name", "at", "received_at", "properties")


def contacts_after(tx: Tx, after: int, limit: int) -> list[Row]:
    """A page of living contacts in order of their ids (CONTACT columns)."""
    return tx.rows(f"{_CONTACT} AND id > ? ORDER BY id LIMIT ?", (after, limit))


def contacts_among(tx: Tx, ids: Sequence[int]) -> list[Row]:
    """Those of these contacts who are living, in order of their ids (CONTACT columns)."""
    among, wanted = tx.among(ids)
    return tx.rows(f"{_CONTACT} AND id {among} ORDER BY id", (wanted,))


def events_after(tx: Tx, after: int, limit: int, name: str | None = None, since_ms: int = 0) -> list[Row]:
    """A page of events in the order they came (EVENT columns), of one name or of all."""
    wanted, values = (" AND e.name = ?", [name]) if name else ("", [])
    return tx.rows(
        "SELECT e.id, c.external_id, c.email, e.name, e.at, e.received_at, e.properties"
        " FROM events e JOIN contacts c ON c.id = e.contact_id"
        f" WHERE e.id > ? AND e.at >= ?{wanted} ORDER BY e.id LIMIT ?",
        [after, since_ms, *values, limit],
    )


def contact_property_names(tx: Tx, most: int) -> list[str]:
    """Which properties living contacts have."""
    each = (
        "SELECT jsonb_object_keys(properties) AS key FROM contacts WHERE merged_into IS NULL AND erased_at IS NULL"
        if tx.postgres
        else "SELECT p.key AS key FROM contacts c, json_each(c.properties) p"
        " WHERE c.merged_into IS NULL AND c.erased_at IS NULL"
    )
    return [key for (key,) in tx.rows(f"SELECT DISTINCT key FROM ({each}) AS k ORDER BY key LIMIT ?", (most,))]


def event_property_names(tx: Tx, name: str, most: int) -> list[str]:
    """Which properties events of a name have."""
    each = (
        "SELECT jsonb_object_keys(properties) AS key FROM events WHERE name = ?"
        if tx.postgres
        else "SELECT p.key AS key FROM events e, json_each(e.properties) p WHERE e.name = ?"
    )
    return [key for (key,) in tx.rows(f"SELECT DISTINCT key FROM ({each}) AS k ORDER BY key LIMIT ?", (name, most))]


def how_many(tx: Tx, table: str) -> int:
    """How many rows a table of ours has, roughly where counting would take long."""
    if tx.postgres:
        rough = tx.value("SELECT reltuples::bigint FROM pg_class WHERE oid = ?::regclass", (table,))
        if rough > 1_000_000:
            return rough
    return tx.value(f"SELECT count(*) FROM {table}")
