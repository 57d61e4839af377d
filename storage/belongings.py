"""Everything that is kept about one person, out of every table that names its contact: nothing has to be listed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from .columns import Json, Moment, from_ms, load
from .database import Tx

BY_MESSAGE = ("openings",)  # tables that name a contact by a message to them
WORKINGS = ("match_keys", "match_marks")  # how we search for doubles: copies of what stands in the profile


def belongings(tx: Tx, contacts: list[int]) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, each a document with moments as ISO texts, the profile first; tables without rows are left out."""
    from .tables import metadata  # it knows every table

    among, ids = tx.among(contacts)
    tables = [table for table in metadata.sorted_tables if table.name not in WORKINGS]
    owned = [(table, "id") for table in tables if table.name == "contacts"]
    owned += [(table, "contact_id") for table in tables if "contact_id" in table.columns]
    theirs = {"message_id": f"IN (SELECT id FROM messages WHERE contact_id {among})"}
    owned += [(table, "message_id") for table in tables if table.name in BY_MESSAGE]
    found = {
        table.name: [
            _document(table, row)
            for row in tx.rows(
                f"SELECT {', '.join(table.columns.keys())} FROM {table.name}"
                f" WHERE {key} {theirs.get(key, among)} ORDER BY 1",
                (ids,),
            )
        ]
        for table, key in owned
    }
    return {name: rows for name, rows in found.items() if rows}


def titles(tx: Tx) -> dict[int, str]:
    """The journeys' titles by number, so that a person reads names."""
    return dict(tx.rows("SELECT id, title FROM journeys"))  # type: ignore[arg-type]


def _document(table: Table, row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        column.name: _shown(column.name, column.type, value)
        for column, value in zip(table.columns, row, strict=True)
        if value is not None
    }


def _shown(name: str, kind: Any, value: Any) -> Any:
    if isinstance(kind, Json):
        return load(value)
    if isinstance(value, int) and (isinstance(kind, Moment) or name == "at" or name.endswith("_at")):
        return from_ms(value).isoformat(timespec="seconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value
