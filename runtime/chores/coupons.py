"""Coupons are looked after: which have left, which came back, which were used, which run low."""

from __future__ import annotations

from typing import Any

from ..coupons import look_after
from .chore import Chore


def _run(parts: Any) -> int:
    look_after(parts.db, parts.clock.now_ms())
    return 0


CHORE = Chore("coupons", 30, _run)
