"""Stops journeys that drive people away, and tells colleagues."""

from __future__ import annotations

import logging
from typing import Any

from ..policy.brake import brake
from .chore import HOUR_MS, Chore

log = logging.getLogger("sojourn.runtime")


def run(parts: Any) -> int:
    """Nobody is due: whoever is in a journey that stops stays where they are."""
    now_ms = parts.clock.now_ms()
    for one in parts.db.write(lambda tx: brake(tx, now_ms)):
        log.warning(one.sentence)
    return 0


CHORE = Chore("brake", 30, run, pace_ms=HOUR_MS)
