"""The chore that keeps everybody's figures and life-cycle stages up to now."""

from __future__ import annotations

from typing import Any

from ..features.refresh import Refresh
from .chore import HOUR_MS, Chore


def run(parts: Any) -> int:
    """One round, for a few seconds at most; the next one goes on where it ended."""
    return Refresh(parts.db, parts.shelf, parts.clock).run()


CHORE = Chore("features", seconds=10, run=run, pace_ms=6 * HOUR_MS)
