"""How many people went where in a journey, over all its versions, by the ids of its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..nodes.graph import JourneyGraph
from ..nodes.step import EventNeed
from ..storage import journeys, walking
from ..storage.database import Tx
from ..storage.journeys import Journey


@dataclass(slots=True)
class StepCounts:
    """One step: who came in, who is here now, who moved on by which port, who left here and why, what was sent."""

    entered: int = 0
    here: int = 0
    moved: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)  # by status
    channels: dict[str, dict[str, int]] = field(default_factory=dict)  # by channel, the same
    opened: int = 0
    clicked: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "entered": self.entered,
            "here_now": self.here,
            "moved": self.moved,
            "left": self.left,
            "messages": self.messages,
            "channels": self.channels,
            "opened": self.opened,
            "clicked": self.clicked,
        }


def journey_counts(tx: Tx, journey: Journey) -> dict[str, StepCounts]:
    """Counts of every step that any version of the journey has, in order of the ids."""
    assert journey.id is not None
    versions = journeys.versions(tx, journey.id)
    found: dict[str, StepCounts] = {node: StepCounts() for node in sorted(journey.draft.get("nodes") or {})}
    ids = {version.id: sorted(version.content["nodes"]) for version in versions if version.id is not None}
    if not ids:
        return found
    for (version, node), ports in walking.counts(tx, list(ids)).items():
        step = found.setdefault(ids[version][node], StepCounts())
        for port, n in ports.items():
            if port == "in":
                step.entered += n
                step.here += n
                continue
            step.here -= n
            kept, name = (step.left, port[5:]) if port.startswith("left:") else (step.moved, port)
            kept[name] = kept.get(name, 0) + n
    for version, node, status, n, opened, clicked, channel in walking.message_counts(tx, list(ids)):
        step = found.setdefault(ids[version][node], StepCounts())
        for counts in (step.messages, step.channels.setdefault(channel, {})):
            counts[status] = counts.get(status, 0) + n
        step.opened += opened
        step.clicked += clicked
    return found


def took(step: StepCounts, graph: JourneyGraph, key: str) -> dict[str, int]:
    """How many went by each way out, as it is drawn: a way nobody took has its nought.

    Whom a goal's event pulled out of a step that waits for the same event went by the step's own way to that goal,
    as far as anybody can see.
    """
    drawn = dict.fromkeys(graph.exits(key), 0) if step.entered else {}
    pulled = step.left.get("goal", 0)
    return {port: n + (pulled if _is_to_goal(graph, key, port) else 0) for port, n in (drawn | step.moved).items()}


def _is_to_goal(graph: JourneyGraph, key: str, port: str) -> bool:
    """Whether the usual way out of a step that waits for an event leads to the goal that event reaches."""
    node, goal = graph.nodes.get(key), graph.nodes.get(graph.exits(key).get(port, ""))
    listen = goal.listens() if goal else None
    if node is None or listen is None or not listen.leave or node.ports()[0].name != port:
        return False
    return listen.event in {
        need.event for need in node.needs() if isinstance(need, EventNeed) and need.since == "arrived"
    }
