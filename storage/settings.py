"""The rows behind the owner's settings and the instance's own marks."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from .database import Tx
from .users import Setting


def stored(tx: Tx) -> dict[str, Any]:
    """Everything that has been set, by key."""
    return {row.key: row.value for row in tx.session.exec(select(Setting))}


def fetch(tx: Tx, key: str) -> Any:
    """One value, or None when it was never set."""
    return tx.session.exec(select(Setting.value).where(col(Setting.key) == key)).first()


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
