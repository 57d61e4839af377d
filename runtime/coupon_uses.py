"""Which journeys give out the coupons of a pool: those keep it from being deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..storage import journeys
from ..storage.database import Tx
from .content.jinja import HTML
from .content.needs import needs_of


def journeys_with(tx: Tx, pool: str) -> list[str]:
    """The journeys in force whose messages ask for a pool, as they are called."""
    found = []
    for journey in journeys.journeys(tx):
        if journey.status not in ("live", "paused") or journey.live_version is None:
            continue
        version = journeys.version(tx, journey.live_version)
        if version is not None and pool in pools_of(version.content):
            found.append(journey.title or journey.name)
    return found


def pools_of(content: Any) -> set[str]:
    """The pools all messages of a version ask for, read from their words and blocks: nothing is compiled."""
    blocks, words = [], []
    for part in _parts((content or {}).get("letters")):
        (words if isinstance(part, str) else blocks).append(part)
    named = {str(one["pool"]) for one in blocks if one.get("source") == "pool" and one.get("pool")}
    return named | set(needs_of(HTML, words).of("coupon"))


def _parts(value: Any) -> Iterator[str | dict[str, Any]]:
    """Every text and every mapping in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)
