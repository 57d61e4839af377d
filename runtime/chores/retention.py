"""Once in a while, what was kept long enough goes."""

from __future__ import annotations

from time import monotonic
from typing import Any

from ..governance import retention
from .chore import DAY_MS, Chore

BUDGET_S = 20.0  # of one run; the next goes on


def _run(parts: Any) -> int:
    until = monotonic() + BUDGET_S
    days = parts.db.look(retention.rules)
    retention.sweep(parts.db, days, parts.clock.now_ms(), lambda: monotonic() < until)
    return 0


CHORE = Chore("retention", 3_600, _run, DAY_MS)
