"""Holds an open journey against the world it would run in: its letters compiled, and what this instance lacks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...nodes.sending import medium_of
from ...runtime.content.proof import PROOFS
from ...runtime.governance.missing import missing
from ...runtime.governance.problems import in_letter, in_steps
from .room import Room

if TYPE_CHECKING:
    from ..instance import Instance

EVERY = 5  # looks at an unchanged journey, of which one asks the store again

log = logging.getLogger("sojourn.canvas")
_seen: WeakKeyDictionary[Room, tuple[Any, int]] = WeakKeyDictionary()


async def look(instance: Instance, room: Room) -> None:
    """Tell the room what is wrong beyond its drawing, once nobody has drawn for a moment."""
    content = room.content
    before, looks = _seen.get(room, (None, 0))
    if content is before and looks % EVERY:
        _seen[room] = (content, looks + 1)
        return
    mail_server = bool(instance.config.smtp_url)
    try:
        found = await instance.db.aread(lambda tx: missing(tx, content, mail_server))
        found += await asyncio.to_thread(lambda: list(_letters(content)))
    except Exception:
        log.exception("%s could not be held against what is here", room.name)
        return
    if room.content is content:  # else somebody draws; the next look is theirs
        _seen[room] = (content, 1)
        room.found_out(found)


def _letters(content: dict[str, Any]) -> Iterator[Problem]:
    marketing = content.get("message_type", "marketing") != "transactional"
    for name, letter in content["letters"].items():
        written = letter.get("blocks") or str(letter.get("mjml") or "").strip()
        if medium_of(letter) != "email" or written:  # of an empty one, the law speaks
            for issue in PROOFS.issues(letter, marketing):
                yield in_letter(name, issue, letter)
    yield from in_steps(JourneyGraph(content))
