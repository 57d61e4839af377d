"""Who looked at which link is forgotten when the letter is long read; that it was opened and clicked stays."""

from __future__ import annotations

from typing import Any

from ...storage import openings
from .chore import DAY_MS, Chore

KEPT_MS = 366 * DAY_MS
AT_ONCE = 5_000


def let_go(parts: Any) -> int:
    """Forget the old ones, a page at a time; nobody is due for it."""
    before_ms = parts.clock.now_ms() - KEPT_MS
    while parts.db.write(lambda tx: openings.age_out(tx, before_ms, AT_ONCE)):
        pass
    return 0


CHORE = Chore("openings", 3_600, let_go)
