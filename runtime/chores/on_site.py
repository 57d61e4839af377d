"""Forgets messages on the site that were closed or over for a month."""

from __future__ import annotations

from typing import Any

from ...storage import waiting_messages
from .chore import DAY_MS, Chore

KEPT_MS = 30 * DAY_MS


def run(parts: Any) -> int:
    """What became of them stays with the messages."""
    before_ms = parts.clock.now_ms() - KEPT_MS
    parts.db.write(lambda tx: waiting_messages.age_out(tx, before_ms))
    return 0


CHORE = Chore("on_site", 3_600, run)
