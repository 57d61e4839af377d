"""A journey, drawn: its steps as cards, its ways as wires, with live counts on both."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...runtime.counting import StepCounts, took
from .. import words
from .layout import CARD, Layout, Point, Wire, lay_out

LABEL = 8  # pixels between a card and the words on its wire
STRAIGHT = 186  # pixels of a wire that stay level, for its words
ZOOMS = (0.4, 0.5, 0.65, 0.8, 1.0)
LEAST_FITTED = 0.5  # smaller than that nobody reads


class Board:
    """Draws a graph once; `show` writes new counts into it."""

    def __init__(self, graph: JourneyGraph) -> None:
        self._graph = graph
        self._ports = {step: self._order(step) for step in graph.ids}
        self._layout: Layout = lay_out(graph.graph, self._ports)
        self._counts: dict[str, tuple[ui.label, ui.label]] = {}
        self._wires: list[tuple[Wire, ui.element, ui.label]] = []
        self._zoom = 1.0
        self._draw()
        ui.timer(0, self._fit, once=True)

    def show(self, counts: Mapping[str, StepCounts]) -> None:
        """Write these counts; what is the same already is not sent again."""
        for step, (came, here) in self._counts.items():
            found = counts.get(step, StepCounts())
            _write(came, _came(found))
            _write(here, f"{words.number(found.here)} here now" if found.here > 0 else "")
        for wire, line, label in self._wires:
            found = counts.get(wire.source, StepCounts())
            part = took(found, self._graph, wire.source).get(wire.port, 0)
            line.classes(remove="is-unused") if part else line.classes("is-unused")
            _write(label, self._words(wire, part, found.entered))

    def _draw(self) -> None:
        width, height = self._layout.size
        with ui.element("div").classes("sj-board-frame"):
            with ui.element("div").classes("sj-board-scroll").props('tabindex="0" aria-label="The journey, drawn"'):
                self._ground = ui.element("div").classes("sj-board")
                self._ground.style(f"width: {width:.0f}px; height: {height:.0f}px; zoom: {self._zoom}")
                with self._ground:
                    with ui.element("svg").classes("sj-wires").props('aria-hidden="true"') as svg:
                        svg.props["viewBox"] = f"0 0 {width:.0f} {height:.0f}"
                        lines = [ui.element("path") for _ in self._layout.wires]
                    for wire, line in zip(self._layout.wires, lines, strict=True):
                        line.props["d"] = _curve(wire.points)
                        self._wires.append((wire, line, self._label(wire)))
                    for step in self._graph.ids:
                        self._card(step)
            with ui.element("div").classes("sj-board-tools"):
                whole = ui.button(icon="fit_screen", color=None, on_click=self._fit).props("flat dense round")
                whole.props["aria-label"] = whole.props["title"] = "Show all"
                for icon, step, says in (("remove", -1, "Smaller"), ("add", 1, "Larger")):
                    made = ui.button(icon=icon, color=None, on_click=partial(self._resize, step))
                    made.props("flat dense round").props["aria-label"] = says

    def _resize(self, step: int, _clicked: object = None) -> None:
        further = [zoom for zoom in ZOOMS if (zoom - self._zoom) * step > 0]
        if further:
            self._show_at(min(further) if step > 0 else max(further))

    async def _fit(self) -> None:
        """As large as the whole width allows."""
        try:
            width = await ui.run_javascript(f"getHtmlElement({self._ground.id}).parentElement.clientWidth", timeout=10)
        except TimeoutError:  # the page is gone
            return
        if isinstance(width, int | float) and width > 0 and not self._ground.is_deleted:
            self._show_at(min(max(width / self._layout.size[0], LEAST_FITTED), 1.0))

    def _show_at(self, zoom: float) -> None:
        self._zoom = zoom
        self._ground.style(f"zoom: {zoom:.3f}")

    def _card(self, id: str) -> None:
        left, top = self._layout.places[id]
        node = self._graph.nodes.get(id)
        with ui.element("div").classes("sj-step") as card:
            card.style(
                f"left: {left:.0f}px; top: {top:.0f}px; width: {CARD}px; height: {self._layout.heights[id]:.0f}px"
            )
            with ui.element("div").classes("sj-step-head"):
                with ui.element("div").classes("sj-step-icon") as tile:
                    ui.icon(node.face.icon if node else "error")
                with ui.element("div").classes("sj-step-words"):
                    ui.label(node.title if node else id).classes("sj-step-title")
                    said = self._graph.in_titles(id, node.summary()) or node.face.label if node else "cannot be read"
                    ui.label(said).classes("sj-step-summary")
            if node:
                tile.classes("group-" + node.face.group)
            else:
                card.classes("is-problem")
            with ui.element("div").classes("sj-step-counts"):
                self._counts[id] = ui.label("–"), ui.label("").classes("is-here")

    def _label(self, wire: Wire) -> ui.label:
        x, y = wire.points[0]
        label = ui.label("").classes("sj-wire-label")
        return label.style(f"left: {x + LABEL:.0f}px; top: {y:.0f}px")

    def _words(self, wire: Wire, part: int, whole: int) -> str:
        node = self._graph.nodes.get(wire.source)
        named = next((port.label or port.name for port in node.ports() if port.name == wire.port), "") if node else ""
        several = len(self._ports[wire.source]) > 1
        count = (
            f"{words.number(part)} · {words.share(part, whole)}" if several and 0 < part < whole else words.number(part)
        )
        return f"{named}  {count}" if several and named else count

    def _order(self, id: str) -> list[str]:
        node, connected = self._graph.nodes.get(id), self._graph.exits(id)
        declared = [port.name for port in node.ports()] if node else []
        return [port for port in declared if port in connected] + [port for port in connected if port not in declared]


def _came(found: StepCounts) -> str:
    sent = found.messages.get("sent", 0) + found.messages.get("in_doubt", 0)
    if sent:
        return f"{words.number(sent)} sent · {words.number(found.opened)} opened"
    return f"{words.number(found.entered)} came in"


def _write(label: ui.label, text: str) -> None:
    if label.text != text:
        label.text = text


def _curve(points: tuple[Point, ...]) -> str:
    """Level out of the card, in curves between the lanes, level into the next card."""
    (x, y), *rest = points
    parts = [f"M{x:.0f} {y:.0f}"]
    for n, (to_x, to_y) in enumerate(rest):
        if y == to_y:
            parts.append(f"H{to_x:.0f}")
        else:
            start = x + (STRAIGHT if n == 0 else 0)
            bend = (to_x - start) * 0.6
            parts.append(f"H{start:.0f}C{start + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}")
        x, y = to_x, to_y
    return "".join(parts)
