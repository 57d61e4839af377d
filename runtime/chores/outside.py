"""Answers from outside that nobody asked for lately are forgotten; nobody is asked by this."""

from __future__ import annotations

from typing import Any

from ...storage import outside
from .chore import DAY_MS, Chore

KEPT_MS = 31 * DAY_MS  # longer than any source keeps its answers


def _run(parts: Any) -> int:
    before_ms = parts.clock.now_ms() - KEPT_MS
    parts.db.write(lambda tx: outside.forget_old(tx, before_ms))
    return 0


CHORE = Chore("outside", 3_600, _run)
