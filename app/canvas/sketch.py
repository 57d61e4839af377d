"""A change of a journey's parts while it is being made, and what may be asked of it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from ...nodes.checks import MOST_NODES
from ...nodes.graph import JourneyGraph
from . import beginnings, parts
from .history import Change, Part
from .intents import Refused
from .parts import Content
from .views import height_of, ports_of, title_of

WIDE, GRID = 280, 8  # of a card, and what it stands on, as assets/canvas/src/geometry.js has them
AROUND = 24  # pixels kept free around a card


class Sketch:
    """Laid over one state: ``change`` collects what it does, ``select`` what it leaves picked."""

    def __init__(self, content: Content, graph: JourneyGraph, used: set[str], places: Mapping[str, Any]) -> None:
        self.content, self.graph, self.used, self.places = content, graph, used, places
        self.change = Change("")
        self.select: list[str] = []

    def _now(self, part: Part) -> Any:
        return self.change.parts[part][1] if part in self.change.parts else parts.part_of(self.content, part)

    def _set(self, part: Part, value: Any) -> None:
        self.change.set(part, parts.part_of(self.content, part), value)

    def _letters(self) -> dict[str, Any]:
        changed = {part[1]: pair[1] for part, pair in self.change.parts.items() if part[0] == "letter"}
        return {name: each for name, each in {**self.content["letters"], **changed}.items() if each is not None}

    def _known(self, key: str) -> None:
        if key not in self.content["nodes"]:
            raise Refused("This step is no longer there.")

    def _edge(self, edge: str) -> tuple[str, str]:
        source, port = parts.split_edge(edge)
        if self._now(("edge", source, port)) is None:
            raise Refused("This connection is no longer there.")
        return source, port

    def _free_port(self, key: str, port: str) -> None:
        self._known(key)
        if port not in [each.name for each in ports_of(self.content, self.graph, key)]:
            raise Refused(f"“{title_of(self.content, self.graph, key)}” has no way out called {port!r}.")
        if self._now(("edge", key, port)) is not None:
            raise Refused("This way out is connected already.")

    def _room_for(self, more: int) -> None:
        if len(self.content["nodes"]) + more > MOST_NODES:
            raise Refused(f"A journey holds {MOST_NODES} steps at most; split it into several.")

    def _free_below(self, x: float, y: float, width: float, height: float) -> float:
        """The first place at ``y`` or below it where a block of this size covers no step."""
        spans = []
        for key in self.content["nodes"]:
            left, top = self._now(("at", key)) or self.places.get(key) or (0.0, 0.0)
            if left < x + width + AROUND and x < left + WIDE + AROUND:
                spans.append((top - AROUND, top + height_of(ports_of(self.content, self.graph, key)) + AROUND))
        for top, bottom in sorted(spans):
            if top < y + height and y < bottom:
                y = bottom
        return ceil(y / GRID) * GRID

    def _fresh(self, kind: str, wanted: str | None = None) -> str:
        free = wanted is not None and wanted not in self.used
        key = wanted if wanted and free else beginnings.free_name(kind.replace("_", "-"), self.used)
        self.used.add(key)
        return key
