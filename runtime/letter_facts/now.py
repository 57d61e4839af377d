"""The moment the letter is written, on the reader's own clock: ``now.hour``, ``now.weekday``, ``now.date``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ...storage.database import Tx
from ...storage.handover import Filling
from .place import place_words
from .provider import Around, Provider

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def load(tx: Tx, fillings: Sequence[Filling], wanted: frozenset[str], around: Around) -> list[dict[str, Any]]:
    """The same moment for all, each in their own time zone."""
    return [_moment(around.now_ms, place_words(one, around.zone)["timezone"]) for one in fillings]


@lru_cache(maxsize=1024)
def _moment(now_ms: int, zone: str) -> dict[str, Any]:
    local = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone))
    return {
        "ms": now_ms,
        "date": local.date().isoformat(),
        "weekday": WEEKDAYS[local.weekday()],
        "hour": local.hour,
        "day": local.day,
        "month": local.month,
        "year": local.year,
    }


PROVIDER = Provider("now", load)
