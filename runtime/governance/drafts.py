"""The draft of a journey while somebody draws it: begun, and kept as it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...storage import journeys, reviews, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.journeys import Journey
from . import approval
from .versions import NoSuchJourney


def begin(tx: Tx, content: dict[str, Any], actor: str, now_ms: int) -> str:
    """A new journey with this content as its draft. A name that is taken gets a number. Returns the name."""
    wanted, name, number = content["name"], content["name"], 1
    while journeys.journey_named(tx, name) is not None:
        number += 1
        name = f"{wanted}-{number}"
    now = from_ms(now_ms)
    draft = {**content, "name": name}
    journey = Journey(name=name, title=content.get("title") or name, draft=draft, created_at=now, changed_at=now)
    tx.session.add(journey)
    tx.session.flush()
    reviews.edited(tx, journey.id or 0, approval.named(actor), now_ms)
    users.note(tx, actor, "journey.begin", name, now_ms)
    return name


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
