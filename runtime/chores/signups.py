"""Sign-ups that nobody confirmed are let go after a month."""

from __future__ import annotations

from typing import Any

from ...storage import signups
from .chore import DAY_MS, Chore

KEPT_MS = 30 * DAY_MS
PAGE = 1_000


def let_go(parts: Any) -> int:
    """Delete what is too old, page by page; nobody is due for it."""
    before_ms = parts.clock.now_ms() - KEPT_MS
    while parts.db.write(lambda tx: signups.forget_before(tx, before_ms, PAGE)) == PAGE:
        pass
    return 0


CHORE = Chore("unconfirmed sign-ups", 6 * 3600, let_go)
