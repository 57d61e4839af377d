"""What is sent down to a canvas: cards, edges and notes as it draws them, never the settings behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Port, Problem
from ...nodes.registry import node_types
from .layout import CARD, GAP, lay_out
from .parts import Content

LONGEST_LINE = 140  # characters of a card's one line
NOTE_SIZE = (220.0, 120.0)
COLUMN = 408  # pixels from one column of cards to the next, as the canvas tidies them
View = dict[str, Any]


def ports_of(content: Content, graph: JourneyGraph, key: str) -> tuple[Port, ...]:
    """The ways out of a step, also while its settings are not complete; ways that are connected always count."""
    node = graph.nodes.get(key)
    if node is not None:
        declared = node.ports()
    else:
        entry = content["nodes"][key]
        type_ = node_types().get(entry.get("kind", ""))
        settings = entry.get("settings")
        declared = type_.sketched_ports(settings if isinstance(settings, Mapping) else {}) if type_ else ()
    known = {port.name for port in declared}
    return (*declared, *(Port(name, optional=True) for name in graph.exits(key) if name not in known))


def has_input(content: Content, graph: JourneyGraph, key: str) -> bool:
    """Whether anything may lead into a step."""
    kind = str(content["nodes"][key].get("kind", ""))
    return key not in graph.triggers and not kind.startswith("trigger_")


def title_of(content: Content, graph: JourneyGraph, key: str) -> str:
    """What a step is called on the canvas."""
    if key in graph.nodes:
        return graph.nodes[key].title
    entry = content["nodes"].get(key, {})
    type_ = node_types().get(entry.get("kind", ""))
    return str(entry.get("title") or (type_.face.label if type_ else "Unknown step"))


def node_view(
    content: Content, graph: JourneyGraph, key: str, place: Sequence[float], found: Sequence[Problem]
) -> View:
    """One card."""
    entry = content["nodes"][key]
    kind = str(entry.get("kind", ""))
    type_ = node_types().get(kind)
    node = graph.nodes.get(key)
    sub = graph.in_titles(key, node.summary()) if node else "Not complete yet" if type_ else ""
    return {
        "id": key,
        "kind": kind,
        "group": type_.face.group if type_ else "Logic",
        "icon": type_.face.icon if type_ else "help_outline",
        "title": title_of(content, graph, key),
        "sub": sub if len(sub) <= LONGEST_LINE else sub[: LONGEST_LINE - 1] + "…",
        "x": place[0],
        "y": place[1],
        "has_input": has_input(content, graph, key),
        "ports": [
            {"name": port.name, "label": port.label, "optional": port.optional}
            for port in ports_of(content, graph, key)
        ],
        "problems": [
            {"text": sentence(problem), "severity": problem.severity, "fix": problem.fix is not None}
            for problem in found
        ],
    }  # fmt: skip


def edge_view(source: str, port: str, target: str) -> View:
    """One edge."""
    return {"id": f"{source}:{port}", "source": source, "port": port, "target": target}


def note_view(key: str, note: Mapping[str, Any]) -> View:
    """One sticky note."""
    at, size = note.get("at") or (0, 0), note.get("size") or NOTE_SIZE
    return {"id": key, "text": str(note.get("text", "")), "x": at[0], "y": at[1], "w": size[0], "h": size[1]}


def sentence(problem: Problem) -> str:
    """A problem's text as it stands on its step's own card: without the step's id in front."""
    text = problem.text.removeprefix(f"{problem.node}: ") if problem.node else problem.text
    return text[:1].upper() + text[1:]


def places_for(content: Content, graph: JourneyGraph) -> dict[str, tuple[float, float]]:
    """Where the steps without a place of their own stand: as an automatic layout of the whole would have them."""
    missing = [node_id for node_id, entry in content["nodes"].items() if "at" not in entry]
    if not missing:
        return {}
    ports = {node_id: ports_of(content, graph, node_id) for node_id in graph.ids}
    names = {node_id: [port.name for port in ways] for node_id, ways in ports.items()}
    places = lay_out(graph.graph, names, {node_id: height_of(ways) for node_id, ways in ports.items()}).places
    return {node_id: _on_grid(*places[node_id]) for node_id in missing}


def height_of(ports: Sequence[Port]) -> float:
    """Of a card with these ways out, as assets/canvas/src/geometry.js draws it."""
    rows = len(ports) if len(ports) > 1 or any(port.label for port in ports) else 0
    return 96 + 24 * rows


def _on_grid(x: float, y: float) -> tuple[float, float]:
    """Cards of the canvas are wider than those of the board; what stands on its grid of 8 has level wires."""
    return round(x * COLUMN / (CARD + GAP) / 8) * 8, round(y / 8) * 8
