"""Journeys a step switches people to or from that are not there, or that nobody can be sent into now."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...nodes.switch_to import SwitchTo
from ...storage import journeys
from ...storage.database import Tx

ALIKE = 0.75  # from here on, two names are taken for one that was misspelt


def missing_journeys(tx: Tx, graph: JourneyGraph) -> Iterator[Problem]:
    """Warnings about the steps Switch to."""
    steps = {key: node.settings for key, node in graph.nodes.items() if isinstance(node, SwitchTo)}
    if not steps:
        return
    status = dict(journeys.statuses(tx))
    for key, settings in steps.items():
        for name in (*settings.leave, *([settings.enter] if settings.enter else [])):
            if name not in status:
                near = get_close_matches(name, status, n=1, cutoff=ALIKE)
                hint = f" Is “{near[0]}” meant?" if near else ""
                yield Problem(f"{key}: There is no journey called “{name}”.{hint}", key, "warning")
        if settings.enter in status and status[settings.enter] != "live":
            yield Problem(f"{key}: “{settings.enter}” is not live, so nobody comes into it.", key, "warning")
