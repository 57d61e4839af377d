"""Keeps every segment up to date."""

from __future__ import annotations

from typing import Any

from ..segment_refresh import refresh_all
from .chore import HOUR_MS, Chore


def run(parts: Any) -> int:
    """Returns how many people are due because they came in or went out."""
    return sum(done.due for done in refresh_all(parts.db, parts.shelf, parts.clock.now_ms(), patient=True))


CHORE = Chore("segments", 20, run, pace_ms=HOUR_MS)
