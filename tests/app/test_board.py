"""Where cards stand: left to right, apart from each other, whatever the graph."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.app.canvas.layout import CARD, lay_out

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("abc")), max_size=24, unique=True)


@settings(max_examples=150, deadline=None)
@given(EDGES)
def test_cards_never_overlap_and_wires_lead_right(edges: list[tuple[int, int, str]]) -> None:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(map(str, range(10)))
    taken = {(source, port): target for source, target, port in edges}
    for (source, port), target in taken.items():
        graph.add_edge(str(source), str(target), key=port)
    ports = {node: sorted(key for _, _, key in graph.out_edges(node, keys=True)) for node in graph}
    layout = lay_out(graph, ports)
    assert set(layout.places) == set(graph)
    for one, other in combinations(graph, 2):
        (left, top), (left_too, top_too) = layout.places[one], layout.places[other]
        apart = abs(left - left_too) >= CARD or top + layout.heights[one] <= top_too + 0.01
        assert apart or top_too + layout.heights[other] <= top + 0.01
    for wire in layout.wires:
        assert layout.places[wire.source][0] < layout.places[wire.target][0]
        assert [x for x, _ in wire.points] == sorted(x for x, _ in wire.points)
    width, height = layout.size
    assert all(0 <= x <= width - CARD and 0 <= y <= height for x, y in layout.places.values())


def test_upper_ways_out_lead_up() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("split", "z-upper", key="yes")
    graph.add_edge("split", "a-lower", key="no")
    places = lay_out(graph, {"split": ["yes", "no"], "z-upper": [], "a-lower": []}).places
    assert places["z-upper"][1] < places["a-lower"][1]


def test_an_empty_journey_is_drawn_as_nothing() -> None:
    assert lay_out(nx.MultiDiGraph(), {}).places == {}
