"""Folds the notes of the door, so that contracts learn and the quality page has its hours."""

from __future__ import annotations

from typing import Any

from ..contracts import learning
from .chore import HOUR_MS, Chore


def run(parts: Any) -> int:
    """All notes there are, page by page."""
    while parts.db.write(lambda tx: learning.fold(tx, parts.clock.now_ms())) == learning.PAGE:
        pass
    return 0


CHORE = Chore("contracts", 10, run, pace_ms=6 * HOUR_MS)
