"""Receipts that came before their message was known find it; what carriers told is forgotten after a quarter."""

from __future__ import annotations

from typing import Any

from ...storage import callbacks
from .. import signals
from .chore import DAY_MS, HOUR_MS, Chore

KEPT_MS = 90 * DAY_MS  # no carrier tells anything again after so long
PAGE = 2_000


def run(parts: Any) -> int:
    """Returns how many people are due because of what was told."""
    db, now_ms, due = parts.db, parts.clock.now_ms(), 0
    while db.look(lambda tx: callbacks.early(tx, 1)):
        due += db.write(lambda tx: signals.meet(tx, parts.shelf, now_ms))
    if db.look(lambda tx: callbacks.stale(tx, now_ms - signals.WAIT_MS, now_ms - KEPT_MS)):
        db.write(lambda tx: callbacks.give_up(tx, now_ms - signals.WAIT_MS))
        while db.write(lambda tx: callbacks.age_out(tx, now_ms - KEPT_MS, PAGE)) == PAGE:
            pass
    return due


CHORE = Chore("receipts", 20, run, pace_ms=6 * HOUR_MS)
