"""The draft of a journey while somebody draws it: begun, and kept as it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...storage import journeys, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.journeys import Journey
from .versions import NoSuchJourney


def begin(tx: Tx, content: dict[str, Any], actor: str, now_ms: int) -> str:
    """A new journey with this content as its draft. A name that is taken gets a number. Returns the name."""
    wanted, name, number = content["name"], content["name"], 1
    while journeys.journey_named(tx, name) is not None:
        number += 1
        name = f"{wanted}-{number}"
    now = from_ms(now_ms)
    draft = {**content, "name": name}
    tx.session.add(Journey(name=name, title=content.get("title") or name, draft=draft, created_at=now, changed_at=now))
    tx.session.flush()
    users.note(tx, actor, "journey.begin", name, now_ms)
    return name


def keep(tx: Tx, content: dict[str, Any], actors: Iterable[str], now_ms: int) -> None:
    """This is the draft now. ``actors`` are written down; leave out who was already. Raises `NoSuchJourney`."""
    journey = journeys.journey_named(tx, content["name"])
    if journey is None:
        raise NoSuchJourney(content["name"])
    journey.draft = content
    journey.title = content.get("title") or content["name"]
    journey.changed_at = from_ms(now_ms)
    tx.session.add(journey)
    for actor in actors:
        users.note(tx, actor, "journey.draft", journey.name, now_ms)
