"""What we ourselves find out about people, told as events: stored like any other, and journeys answer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..storage import events, people
from ..storage.columns import dump
from ..storage.database import Tx
from . import entries
from .contracts import door
from .entries import Happened
from .program import ProgramShelf


def occur(tx: Tx, shelf: ProgramShelf, what: Sequence[tuple[int, str, Mapping[str, Any]]], now_ms: int) -> int:
    """Store ``(contact, event name, properties)`` as having happened now; returns how many people are due.

    Contacts are locked first, as the door for events does, so that a walk and an event never pass each other.
    """
    if not what:
        return 0
    there = {row[0] for row in people.locked(tx, sorted({contact for contact, _, _ in what})) if row[5] is None}
    told = [one for one in what if one[0] in there]
    happened, rows = [], []
    for event, (contact, name, properties) in zip(people.fresh_ids(tx, "events", len(told)), told, strict=True):
        happened.append(Happened(event, contact, name, now_ms, dict(properties)))
        rows.append((event, contact, name, now_ms, now_ms, None, dump(dict(properties))))
    events.add_events(tx, rows)
    door.rules(tx, shelf).tell(tx, happened, now_ms)
    return entries.react(tx, shelf, happened, now_ms)
