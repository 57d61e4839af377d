"""Short addresses lead nowhere any more when the text they stand in is long forgotten."""

from __future__ import annotations

from typing import Any

from ...storage import short_links
from .chore import DAY_MS, Chore

KEPT_MS = 366 * DAY_MS
AT_ONCE = 5_000


def let_go(parts: Any) -> int:
    """Forget the old ones, a page at a time; nobody is due for it."""
    before_ms = parts.clock.now_ms() - KEPT_MS
    while parts.db.write(lambda tx: short_links.age_out(tx, before_ms, AT_ONCE)) == AT_ONCE:
        pass
    return 0


CHORE = Chore("short_links", 3_600, let_go)
