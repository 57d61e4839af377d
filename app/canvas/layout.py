"""Where the cards of a journey stand: layers from left to right, few crossings, long wires in lanes of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

CARD = 212  # pixels wide
LEAST = 126  # pixels high
PORT = 27  # pixels a way out takes
GAP = 204  # pixels between layers: room for the words on a wire
BETWEEN = 26  # pixels between cards of a layer
LANE = 22  # pixels a passing wire takes
MARGIN = 28

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Wire:
    """From a card's way out to another card, by way of ``points``; the first part is level, for its words."""

    source: str
    port: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Left and top of each card, the cards' heights, the wires, and the size of it all, in pixels."""

    places: dict[str, Point]
    heights: dict[str, float]
    wires: tuple[Wire, ...]
    size: Point


def lay_out(graph: nx.MultiDiGraph, ports: dict[str, list[str]], sizes: Mapping[str, float] | None = None) -> Layout:
    """Place every node of ``graph``; ``ports`` are the ways out of each, top to bottom.

    ``sizes`` are the heights of cards that are drawn elsewhere, in another measure.
    """
    acyclic = _without_loops(graph)
    layer_of = {node: n for n, layer in enumerate(nx.topological_generations(acyclic)) for node in layer}
    own = {node: max(LEAST, 22 + PORT * len(ports.get(node, []))) for node in graph}
    heights: dict[str, float] = {**own, **(sizes or {})}
    chains: dict[tuple[str, str, str], list[str]] = {}
    lanes = nx.DiGraph()
    lanes.add_nodes_from(graph)
    for source, target, port in acyclic.edges(keys=True):
        stops = [source]
        for layer in range(layer_of[source] + 1, layer_of[target]):
            lane = f"\0{source}\0{port}\0{layer}"
            layer_of[lane], heights[lane] = layer, LANE
            stops.append(lane)
        stops.append(target)
        chains[source, port, target] = stops
        lanes.add_edges_from(pairwise(stops))
        order = ports.get(source, [])
        if port in order:  # upper ways out pull upwards, so that the wires of one card do not cross
            lanes.edges[stops[0], stops[1]]["lean"] = (order.index(port) - (len(order) - 1) / 2) * PORT
    middles = _middles(lanes, layer_of, heights)
    top = min((middles[node] - heights[node] / 2 for node in lanes), default=0) - MARGIN
    places: dict[str, Point] = {
        node: (MARGIN + layer_of[node] * (CARD + GAP), middles[node] - heights[node] / 2 - top) for node in graph
    }
    wires = [
        Wire(source, port, target, _points(stops, port, ports, places, heights, layer_of, middles, top))
        for (source, port, target), stops in chains.items()
    ]
    width = max((x for x, _ in places.values()), default=0) + CARD + MARGIN
    height = max((middles[node] + heights[node] / 2 - top for node in lanes), default=0) + MARGIN
    return Layout(places, {node: heights[node] for node in graph}, tuple(wires), (width, height))


def _without_loops(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """A loop is a problem told elsewhere; here its closing wire is left out so that the rest can be drawn."""
    acyclic = graph.copy()
    while not nx.is_directed_acyclic_graph(acyclic):
        *_, closing = nx.find_cycle(acyclic)
        acyclic.remove_edge(*closing)
    return acyclic


def _middles(lanes: nx.DiGraph, layer_of: dict[str, int], heights: dict[str, float]) -> dict[str, float]:
    """The vertical middle of every card and lane: pulled to its neighbours, kept apart, swept to and fro."""
    layers: dict[int, list[str]] = {}
    for node in nx.lexicographical_topological_sort(lanes):
        layers.setdefault(layer_of[node], []).append(node)
    middles: dict[str, float] = {}
    for layer in layers.values():
        _spread(layer, {node: float(n) for n, node in enumerate(layer)}, heights, middles)
    for sweep in range(8):
        forward = sweep % 2 == 0
        for number in sorted(layers, reverse=not forward):
            layer, wishes = layers[number], {}
            for node in layer:
                around = lanes.predecessors(node) if forward else lanes.successors(node)
                near = [
                    middles[other] + (lanes.edges[other, node].get("lean", 0) if forward else 0) for other in around
                ]
                wishes[node] = sum(near) / len(near) if near else middles[node]
            layer.sort(key=lambda node: wishes[node])
            _spread(layer, wishes, heights, middles)
    return middles


def _spread(layer: list[str], wishes: dict[str, float], heights: dict[str, float], middles: dict[str, float]) -> None:
    """Give everybody their wish as far as the order and the gaps allow; groups that touch share the shift."""
    blocks: list[tuple[float, list[str], float]] = []  # middle of the block, its members, its height
    for node in layer:
        block = (wishes[node], [node], heights[node])
        while blocks and blocks[-1][0] + blocks[-1][2] / 2 + BETWEEN > block[0] - block[2] / 2:
            middle, members, height = blocks.pop()
            together = height + BETWEEN + block[2]
            shared = (middle * len(members) + block[0] * len(block[1])) / (len(members) + len(block[1]))
            block = (shared, members + block[1], together)
        blocks.append(block)
    for middle, members, height in blocks:
        at = middle - height / 2
        for node in members:
            middles[node] = at + heights[node] / 2
            at += heights[node] + BETWEEN


def _points(
    stops: list[str],
    port: str,
    ports: dict[str, list[str]],
    places: dict[str, Point],
    heights: dict[str, float],
    layer_of: dict[str, int],
    middles: dict[str, float],
    top: float,
) -> tuple[Point, ...]:
    source, target = stops[0], stops[-1]
    left, upper = places[source]
    out = upper + port_offset(port, ports.get(source, []), heights[source])
    points: list[Point] = [(left + CARD, out)]
    for lane in stops[1:-1]:
        x, y = MARGIN + layer_of[lane] * (CARD + GAP), middles[lane] - top
        points += [(x, y), (x + CARD, y)]
    return (*points, (places[target][0], places[target][1] + heights[target] / 2))


def port_offset(port: str, order: list[str], height: float) -> float:
    """How far below a card's top a way out leaves it."""
    if port not in order:
        return height / 2
    return height / 2 + (order.index(port) - (len(order) - 1) / 2) * PORT
