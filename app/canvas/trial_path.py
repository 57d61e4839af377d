"""A trial's path as the canvas lights it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...nodes.graph import JourneyGraph
from ...runtime.trial import Step, Trial

CHOICES = {
    "happened": "It happens",
    "timed_out": "Time is up",
    "sent": "It is not opened",
    "opened": "It is opened",
    "clicked": "A link in it is clicked",
    "failed": "It cannot be delivered",
}


def overlay(trial: Trial, content: Mapping[str, Any]) -> dict[str, Any]:
    """Steps and edges on the path are lit, all others dim; each lit step carries what was said of it last."""
    walked = {step.node for step in trial.steps}
    ways = {(step.node, step.port) for step in trial.steps if step.port}
    edges = {
        f"{node}:{port}": "lit" if (node, port) in ways else "dim"
        for node, entry in content["nodes"].items()
        for port in entry.get("next") or {}
    }
    return {
        "nodes": {node: "lit" if node in walked else "dim" for node in content["nodes"]},
        "edges": edges,
        "ghosts": [],
        "notes": {step.node: step.words for step in trial.steps if step.words},
    }


def told(trial: Trial, graph: JourneyGraph) -> list[Step]:
    """The steps of a trial, with titles where their words name other steps."""
    return [replace(step, words=graph.in_titles(step.node, step.words)) for step in trial.steps]
