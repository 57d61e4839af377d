"""Moments as services write them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_ms(text: str) -> int | None:
    """A moment like 2026-11-22T10:15:00.000Z in milliseconds; None where it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def seconds_ms(text: str) -> int | None:
    """Seconds since 1970, with or without a fraction, in milliseconds."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return round(seconds * 1000) if 0 < seconds < 1e11 else None
