"""The rows behind the owner's settings and the instance's own marks."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from .columns import load
from .database import Tx
from .users import Setting


def stored(tx: Tx) -> dict[str, Any]:
    """Everything that has been set, by key."""
    return {row.key: row.value for row in tx.session.exec(select(Setting))}


def fetch(tx: Tx, key: str) -> Any:
    """One value, or None when it was never set."""
    return some(tx, [key]).get(key)


def some(tx: Tx, keys: list[str]) -> dict[str, Any]:
    """Those of these that have been set: for doors that ask with every request."""
    among, wanted = tx.among(keys)
    rows = tx.rows(f"SELECT key, value FROM settings WHERE key {among}", (wanted,))
    return {key: value if tx.postgres else load(value) for key, value in rows}  # a JSONB text must not be parsed twice


def store(tx: Tx, key: str, value: Any) -> None:
    """Set one value."""
    tx.session.merge(Setting(key=key, value=value))
    tx.session.flush()


def forget(tx: Tx, key: str) -> None:
    """Take a value back to its default."""
    row = tx.session.get(Setting, key)
    if row is not None:
        tx.session.delete(row)
        tx.session.flush()
