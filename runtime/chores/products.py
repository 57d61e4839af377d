"""The feed of products is fetched when its time has come."""

from __future__ import annotations

from typing import Any

from ..products import feed_of, fetch, is_due
from .chore import Chore


def _run(parts: Any) -> int:
    now_ms = parts.clock.now_ms()
    if is_due(parts.db.look(feed_of), now_ms):
        fetch(parts.db, now_ms, dict(parts.config).get("private_hosts") or ())
    return 0


CHORE = Chore("products", 60, _run, apart=True)
