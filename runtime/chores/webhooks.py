"""Tells other systems what they want to hear."""

from __future__ import annotations

from typing import Any

from ...storage import webhooks as log
from ..exchange import webhooks
from .chore import DAY_MS, HOUR_MS, Chore

KEPT_MS = 30 * DAY_MS
ROUNDS = 20  # in one go


def run(parts: Any) -> int:
    """All that is due now; an address that fails makes only its own messages wait."""
    allowed = dict(parts.config).get("private_hosts", ())
    for _ in range(ROUNDS):
        if not webhooks.deliver(parts.db, parts.clock, parts.secrets, allowed):
            break
    now_ms = parts.clock.now_ms()
    parts.db.write(lambda tx: (webhooks.warn(tx, now_ms), log.age_out(tx, now_ms - KEPT_MS)))
    return 0


CHORE = Chore("webhooks", 5, run, pace_ms=6 * HOUR_MS, apart=True)
