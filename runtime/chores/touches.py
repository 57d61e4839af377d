"""The ledger of touches is kept as far back as caps can look, and no further."""

from __future__ import annotations

from typing import Any

from ...storage import touches
from ..policy.in_force import current
from .chore import DAY_MS, HOUR_MS, Chore

LEAST_MS = 60 * DAY_MS  # so that a cap set tomorrow finds what went before
PAGE = 10_000


def forget(parts: Any) -> int:
    """Take away what no cap counts any more; nobody is due for it."""
    policy = parts.db.look(current)
    longest = max([LEAST_MS, *(cap.per for cap in policy.caps), *policy.cool_down.values()])
    before_ms = parts.clock.now_ms() - longest - DAY_MS  # a day of theirs may be longer than 24 hours
    while parts.db.write(lambda tx: touches.forget(tx, before_ms, PAGE)) == PAGE:
        pass
    return 0


CHORE = Chore("touches", HOUR_MS / 1000, forget)
