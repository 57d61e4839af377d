"""Whatever people do in whatever order: the drawing keeps its laws, and everybody finds back to the start."""

from __future__ import annotations

from typing import Any

import networkx as nx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.app.canvas.clipboard import Clipboard
from sojourn.app.canvas.room import Room, Viewer
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.registry import node_types
from sojourn.storage.columns import dump
from sojourn.storage.users import Who

from .sheet import Sheet

KINDS = sorted(node_types())
PORTS = ["next", "yes", "no", "a", "b", "ok", "capped", "happened", "timed_out", "failed", "first", "else"]
NUMBER = st.integers(0, 11)  # which of the steps there are; too large a number is nobody
STEP = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(KINDS), NUMBER, st.sampled_from(["", *PORTS])),
    st.tuples(st.just("connect"), NUMBER, st.sampled_from(PORTS), NUMBER),
    st.tuples(st.just("insert"), st.sampled_from(KINDS), NUMBER),
    st.tuples(st.just("delete"), st.lists(NUMBER, max_size=3)),
    st.tuples(st.just("disconnect"), NUMBER),
    st.tuples(st.just("move"), NUMBER, st.integers(-500, 500)),
    st.tuples(st.just("configure"), NUMBER, st.sampled_from(["amount", "to", "title", "variants", "example"])),
    st.tuples(st.just("copy"), st.lists(NUMBER, min_size=1, max_size=3)),
    st.sampled_from([("paste",), ("undo",), ("redo",), ("note",), ("journey",), ("fix",)]),
    st.tuples(st.just("duplicate"), st.lists(NUMBER, min_size=1, max_size=3)),
)


class Nowhere:
    """A draft that is not written: this test is about the drawing."""

    name, saved, failed = "sketch", True, False
    tell: Any = None

    def keep(self, content: Any, actor: str) -> None:
        dump(content)  # everything can be written


def intent(step: tuple[Any, ...], room: Room) -> dict[str, Any]:
    op, *given_ = step
    ids = [*room.content["nodes"]]

    def one(number: int) -> str:
        return ids[number] if number < len(ids) else "nobody"

    lines = [f"{source}:{port}" for source, node in room.content["nodes"].items() for port in node.get("next", {})]
    match op:
        case "add":
            kind, number, port = given_
            start = {"from": {"node": one(number), "port": port}} if port else {}
            return {"op": "add", "kind": kind, "x": number * 10, "y": 0, **start}
        case "connect":
            return {"op": "connect", "source": one(given_[0]), "port": given_[1], "target": one(given_[2])}
        case "insert":
            edge = lines[given_[1]] if given_[1] < len(lines) else "x:y"
            return {"op": "add", "kind": given_[0], "x": 0, "y": 0, "on_edge": edge}
        case "disconnect":
            return {"op": "disconnect", "edges": [lines[given_[0]] if given_[0] < len(lines) else "x:y"]}
        case "delete" | "copy" | "duplicate":
            return {"op": op, "nodes": [one(number) for number in given_[0]]}
        case "move":
            return {"op": "move", "moves": {one(given_[0]): [given_[1], given_[1]]}}
        case "configure":
            key = one(given_[0])
            kind = room.content["nodes"].get(key, {}).get("kind", "wait")
            chosen: dict[str, Any] = {
                "amount": {"settings": {"amount": 3, "unit": "days"}},
                "to": {"settings": {"to": one(0), "amount": 1, "unit": "days"}},
                "title": {"title": "Another"},
                "variants": {"settings": {"variants": [{"name": "b", "weight": 40}, {"name": "c", "weight": 60}]}},
                "example": {"settings": dict(node_types()[kind].example)},
            }
            return {"op": "configure", "node": key, **chosen[given_[1]]}
        case "paste":
            return {"op": "paste", "x": 5, "y": 5}
        case "note":
            return {"op": "note", "text": "hm", "x": 1, "y": 1}
        case "journey":
            return {"op": "journey", "description": "words", "letters": {"own": {"subject": "Hi", "mjml": "<mjml/>"}}}
        case "fix":
            return {"op": "fix", "node": one(0), "problem": 0}
    return {"op": op}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), STEP), max_size=30))
def test_no_order_of_intents_breaks_the_drawing(steps: list[tuple[bool, tuple[Any, ...]]]) -> None:
    start = {"name": "sketch", "title": "Sketch", "nodes": {}, "letters": {}}
    room = Room(Nowhere(), start, (), Clipboard())  # type: ignore[arg-type]
    people = [Viewer(Who(n, f"p{n}@example.com", f"P{n}", "editor"), Sheet()) for n in (1, 2)]
    for viewer in people:
        room.join(viewer)
        room.hello(viewer)
    for second, step in steps:
        before, revision = dump(room.content), room.revision
        ack = room.submit(people[second], intent(step, room))
        assert "Something went wrong" not in (ack.error or "")
        if not ack.ok:
            assert dump(room.content) == before and room.revision == revision
        holds(room)
    for viewer in people:
        assert viewer.canvas.rev == room.revision
        for part, views in room.document.views().items():
            assert getattr(viewer.canvas, part) == {view["id"]: view for view in views}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=25))
def test_undoing_everything_leads_back_to_the_start(steps: list[tuple[Any, ...]]) -> None:
    start = {"name": "sketch", "title": "Sketch", "nodes": {}, "letters": {}}
    room = Room(Nowhere(), start, (), Clipboard())  # type: ignore[arg-type]
    viewer = Viewer(Who(1, "p@example.com", "P", "editor"), Sheet())
    room.join(viewer)
    for step in steps:
        if step[0] not in ("undo", "redo"):
            room.submit(viewer, intent(step, room))
    end = dump(room.content)
    undone = 0
    while room.ways_back(viewer)["undo"]:
        ack = room.submit(viewer, {"op": "undo"})
        assert ack.ok, ack.error
        holds(room)
        undone += 1
    assert room.content == start
    for _ in range(undone):
        assert room.submit(viewer, {"op": "redo"}).ok
    assert dump(room.content) == end


def holds(room: Room) -> None:
    """What is true of every drawing."""
    nodes = room.content["nodes"]
    graph = JourneyGraph(room.content)
    assert graph.problems() == room.problems
    assert nx.is_directed_acyclic_graph(graph.graph)
    for node in nodes.values():
        for target in node.get("next", {}).values():
            assert target in nodes and not nodes[target]["kind"].startswith("trigger_")
