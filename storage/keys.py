"""Queries about the keys programs come with."""

from __future__ import annotations

from hashlib import sha256

from .database import Tx


def digest(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode()).hexdigest()


def live(tx: Tx, key: str) -> tuple[int, str, str] | None:
    """``(id, kind, name)`` of a key that exists and was not revoked."""
    row = tx.one("SELECT id, kind, name FROM api_keys WHERE digest = ? AND revoked_at IS NULL", (digest(key),))
    return None if row is None else (row[0], row[1], row[2])
