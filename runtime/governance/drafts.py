"""The draft of a journey is kept while people draw it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...storage import journeys
from ...storage.columns import from_ms
from ...storage.database import Tx
from . import approval
from .versions import NoSuchJourney


def keep(tx: Tx, content: dict[str, Any], actors: Iterable[str], now_ms: int) -> None:
    """This is the draft now. ``actors`` are all whose changes it holds: none of them may approve it alone.

    Raises `NoSuchJourney`.
    """
    journey = journeys.journey_named(tx, content["name"])
    if journey is None or journey.id is None:
        raise NoSuchJourney(content["name"])
    journeys.hold(tx, journey.id)
    journey.draft = content
    journey.title = content.get("title") or content["name"]
    journey.changed_at = from_ms(now_ms)
    tx.session.add(journey)
    approval.touched(tx, journey, actors, now_ms)
