"""A journey as a small picture: one tile a step, coloured by its group, made from the graph itself."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from ...nodes.graph import JourneyGraph
from .layout import lay_out

TILE, ACROSS, DOWN, EDGE = 40, 78, 52, 8  # pixels: a tile, from tile to tile, around everything


def picture(graph: JourneyGraph, says: str) -> str:
    """The picture as SVG for a page of ours: its colours come from the page, so it is light or dark as the page is."""
    places = _places(graph)
    width = max((x for x, _ in places.values()), default=0) + TILE + 2 * EDGE
    height = max((y for _, y in places.values()), default=0) + TILE + 2 * EDGE
    svg = Xml.Element("svg", {"viewBox": f"{-EDGE} {-EDGE} {width:.0f} {height:.0f}", "class": "sj-picture"})
    svg.attrib |= {"role": "img", "aria-label": says}
    for source, target in dict.fromkeys(graph.graph.edges()):
        Xml.SubElement(svg, "path", {"d": _curve(places[source], places[target])})
    for step in graph.ids:
        node, (x, y) = graph.nodes.get(step), places[step]
        tile = Xml.SubElement(svg, "g", {"class": f"group-{node.face.group}" if node else "is-problem"})
        box = {"x": f"{x:.0f}", "y": f"{y:.0f}", "width": str(TILE), "height": str(TILE), "rx": "11"}
        Xml.SubElement(tile, "rect", box)
        middle = {"x": f"{x + TILE / 2:.0f}", "y": f"{y + TILE / 2:.0f}", "class": "material-icons"}
        Xml.SubElement(tile, "text", middle).text = node.face.icon if node else "error"
    return Xml.tostring(svg, encoding="unicode")


def _places(graph: JourneyGraph) -> dict[str, tuple[float, float]]:
    """The same order as on the board, drawn together: every layer a column, heights in proportion."""
    ports = {step: [port.name for port in node.ports()] for step, node in graph.nodes.items()}
    board = lay_out(graph.graph, ports)
    middles = {step: board.places[step][1] + board.heights[step] / 2 for step in graph.ids}
    columns = {x: number for number, x in enumerate(sorted({x for x, _ in board.places.values()}))}
    least = min(middles.values(), default=0)
    return {
        step: (columns[board.places[step][0]] * ACROSS, (middle - least) * DOWN / 134)
        for step, middle in middles.items()
    }


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + TILE, start[1] + TILE / 2
    to_x, to_y = end[0], end[1] + TILE / 2
    bend = min((to_x - x) / 2, ACROSS / 2)
    return f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
