"""Keeps an open canvas in touch with the world: live counts, and drafts that were changed by another hand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...nodes.graph import JourneyGraph
from ...runtime.counting import StepCounts, journey_counts, took
from ...storage import journeys
from ...storage.database import Tx
from . import surroundings
from .room import Room

if TYPE_CHECKING:
    from ..instance import Instance

EVERY_S = 2.0
Counts = dict[str, dict[str, Any]]

log = logging.getLogger("sojourn.canvas")
_watched: set[Room] = set()


async def watch(instance: Instance, room: Room) -> None:
    """Show new counts as long as anybody is in the room. One watch is enough, however many look."""
    if room in _watched:
        return
    _watched.add(room)
    try:
        while room.viewers:
            await look(instance, room)
            await surroundings.look(instance, room)
            await asyncio.sleep(EVERY_S)
    finally:
        _watched.discard(room)


async def look(instance: Instance, room: Room) -> None:
    """Read once what has changed in the store and show it."""
    quiet, revision = room.draft.saved, room.revision
    try:
        found = await instance.db.aread(lambda tx: _read(tx, room.name))
    except Exception:
        log.exception("the counts of %s could not be read", room.name)
        return
    if found is None:
        return
    draft, counts = found[0], shown(found[1], room.graph)
    # Only a draft that was read while nothing of ours was on its way can be somebody else's work.
    if quiet and room.draft.saved and revision == room.revision and draft != room.stored:
        room.start_over(draft)
    changed = changes(room.counts, counts)
    if changed["nodes"] or changed["edges"]:
        room.show_counts(changed)


def changes(before: Counts, after: Counts) -> Counts:
    """The counts that are different now."""
    return {
        part: {key: value for key, value in after[part].items() if before[part].get(key) != value} for part in after
    }


def shown(found: Mapping[str, StepCounts], graph: JourneyGraph) -> Counts:
    """Counts as a canvas shows them: steps, and what share of those who came in took each edge."""
    nodes: dict[str, Any] = {}
    edges: dict[str, Any] = {}
    for key, step in found.items():
        node: dict[str, int] = {
            "entered": step.entered, "here": max(step.here, 0), "converted": step.left.get("goal", 0),
        }  # fmt: skip
        if step.messages:
            node["sent"] = step.messages.get("sent", 0) + step.messages.get("in_doubt", 0)
            node["opened"] = step.opened
        nodes[key] = node
        for port, n in took(step, graph, key).items():
            edges[f"{key}:{port}"] = {"n": n, "share": round(n / step.entered, 4) if step.entered else 0}
    return {"nodes": nodes, "edges": edges}


def _read(tx: Tx, name: str) -> tuple[dict[str, Any], dict[str, StepCounts]] | None:
    journey = journeys.journey_named(tx, name)
    if journey is None:
        return None
    return {**journey.draft, "name": name}, journey_counts(tx, journey)
