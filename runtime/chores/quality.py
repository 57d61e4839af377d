"""Looks every now and then whether events arrive as usual; what is unusual is said on every page."""

from __future__ import annotations

from typing import Any

from ...storage import arrivals
from .. import notices, settings
from ..quality import findings
from .chore import DAY_MS, HOUR_MS, Chore

KEPT_DAYS = 400


def run(parts: Any) -> int:
    """All events at once: a few thousand rows of hours."""
    now_ms = parts.clock.now_ms()

    def look(tx: Any) -> list[findings.Finding]:
        zone = settings.load(tx).zone
        return findings.judge(findings.days(tx, now_ms, zone), findings.presences(tx, now_ms), now_ms, zone)

    said = parts.db.look(look)
    parts.db.write(lambda tx: notices.put(tx, "quality", [one.sentence for one in said]))
    parts.db.write(lambda tx: arrivals.age_out(tx, now_ms // HOUR_MS - KEPT_DAYS * 24))
    return 0


CHORE = Chore("quality", 300, run, pace_ms=DAY_MS)
