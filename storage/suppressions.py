"""Addresses nothing may be sent to (the table stands in `contacts`)."""

from __future__ import annotations

from .database import Tx


def suppress(tx: Tx, address: str, channel: str, reason: str, now_ms: int) -> None:
    """Never send to this address on this channel again ("" is every channel). The first reason stays."""
    tx.run(
        "INSERT INTO suppressions (address, channel, reason, created_at) VALUES (lower(?), ?, ?, ?) "
        "ON CONFLICT (address, channel) DO NOTHING",
        (address, channel, reason, now_ms),
    )
