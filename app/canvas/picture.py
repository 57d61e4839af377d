"""A journey as a small picture: its gist, one tile a step, coloured by group, made from the graph itself."""

from __future__ import annotations

from math import ceil
from xml.etree import ElementTree as Xml

import networkx as nx

from ...nodes.graph import JourneyGraph
from .layout import lay_out

PLUMBING = frozenset({"send_window", "cap", "exit", "update"})  # steps a small picture does without
TILE, ACROSS, DOWN, EDGE = 40, 74, 52, 18  # pixels: a tile, from tile to tile, around everything
MOST = 6  # tiles beside each other; what is longer goes on in the next band, as text does
BETWEEN = 28  # pixels between two bands

Point = tuple[float, float]


def picture(graph: JourneyGraph, says: str) -> str:
    """The picture as SVG for a page of ours: its colours come from the page, so it is light or dark as the page is."""
    gist = _gist(graph)
    places = _places(gist)
    width = max((x for x, _ in places.values()), default=0) + TILE + 2 * EDGE
    height = max((y for _, y in places.values()), default=0) + TILE + 2 * EDGE
    svg = Xml.Element("svg", {"viewBox": f"{-EDGE} {-EDGE} {width:.0f} {height:.0f}", "class": "sj-picture"})
    svg.attrib |= {"role": "img", "aria-label": says}
    for source, target in dict.fromkeys(gist.edges()):
        Xml.SubElement(svg, "path", {"d": _wire(places[source], places[target])})
    for step in sorted(gist):
        node, (x, y) = graph.nodes.get(step), places[step]
        tile = Xml.SubElement(svg, "g", {"class": f"group-{node.face.group}" if node else "is-problem"})
        box = {"x": f"{x:.0f}", "y": f"{y:.0f}", "width": str(TILE), "height": str(TILE), "rx": "11"}
        Xml.SubElement(tile, "rect", box)
        middle = {"x": f"{x + TILE / 2:.0f}", "y": f"{y + TILE / 2:.0f}", "class": "material-icons"}
        Xml.SubElement(tile, "text", middle).text = node.face.icon if node else "error"
    return Xml.tostring(svg, encoding="unicode")


def _gist(graph: JourneyGraph) -> nx.MultiDiGraph:
    """The steps that tell the story: the others are bridged, waits for nothing and goals beside the path left out."""
    gist = nx.MultiDiGraph(nx.DiGraph(graph.graph))
    for step in graph.ids:
        node = graph.nodes.get(step)
        if node is not None and node.kind in PLUMBING:
            gist.add_edges_from(
                (before, behind)
                for before in list(gist.predecessors(step))
                for behind in list(gist.successors(step))
                if not gist.has_edge(before, behind)
            )
            gist.remove_node(step)
    while idle := [step for step in gist if not gist.out_degree(step) and _idle(graph, step, gist.in_degree(step))]:
        gist.remove_nodes_from(idle)
    if nx.is_directed_acyclic_graph(gist):  # short cuts past what is drawn anyway only confuse
        return nx.MultiDiGraph(nx.transitive_reduction(nx.DiGraph(gist)))
    return gist


def _idle(graph: JourneyGraph, step: str, comes: int) -> bool:
    node = graph.nodes.get(step)
    return node is not None and (node.face.group == "Timing" or (node.kind == "goal" and not comes))


def _places(gist: nx.MultiDiGraph) -> dict[str, Point]:
    """The order of the board, drawn together: a layer is a column, a few columns are a band."""
    board = lay_out(gist, {})
    middles = {step: board.places[step][1] + board.heights[step] / 2 for step in gist}
    columns = {x: number for number, x in enumerate(sorted({x for x, _ in board.places.values()}))}
    bands = ceil(len(columns) / MOST) or 1
    wide = ceil(len(columns) / bands)
    members: dict[int, list[str]] = {}
    for step in gist:
        members.setdefault(columns[board.places[step][0]] // wide, []).append(step)
    places, top = {}, 0.0
    for band in sorted(members):
        least = min(middles[step] for step in members[band])
        for step in members[band]:
            column = columns[board.places[step][0]] % wide
            places[step] = (column * ACROSS, top + (middles[step] - least) * DOWN / 134)
        top = max(places[step][1] for step in members[band]) + TILE + BETWEEN
    return places


def _wire(start: Point, end: Point) -> str:
    """A curve to the next column; round the corner, between the bands, to the next one."""
    x, y = start[0] + TILE, start[1] + TILE / 2
    to_x, to_y = end[0], end[1] + TILE / 2
    if to_x <= x:
        lane = end[1] - BETWEEN / 2
        return f"M{x:.0f} {y:.0f}h14V{lane:.0f}H{to_x + TILE / 2:.0f}V{end[1]:.0f}"
    bend = min((to_x - x) / 2, ACROSS / 2)
    return f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
