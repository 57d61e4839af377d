"""How many went by each way, as a drawing shows it."""

from __future__ import annotations

from typing import Any

from sojourn.nodes.graph import JourneyGraph
from sojourn.runtime.counting import StepCounts, took

NODES: dict[str, Any] = {
    "cart": {"kind": "trigger_event", "settings": {"event": "added"}, "next": {"next": "hour"}},
    "hour": {
        "kind": "wait_until",
        "settings": {"event": "purchased", "amount": 1, "unit": "hours"},
        "next": {"happened": "bought", "timed_out": "end"},
    },
    "bought": {"kind": "goal", "settings": {"event": "purchased"}},
    "end": {"kind": "exit", "settings": {}},
}


def graph(**changed: Any) -> JourneyGraph:
    return JourneyGraph({"name": "j", "nodes": NODES | changed})


def test_whom_the_goal_called_away_went_by_the_way_to_the_goal() -> None:
    counts = StepCounts(entered=10, moved={"timed_out": 6}, left={"goal": 3})
    assert took(counts, graph(), "hour") == {"happened": 3, "timed_out": 6}


def test_a_goal_of_another_event_lends_nobody_to_the_way() -> None:
    counts = StepCounts(entered=10, moved={"timed_out": 6}, left={"goal": 3})
    other = graph(bought={"kind": "goal", "settings": {"event": "signed_up"}})
    assert took(counts, other, "hour") == {"happened": 0, "timed_out": 6}


def test_ways_of_a_step_nobody_came_to_have_no_number() -> None:
    assert took(StepCounts(), graph(), "hour") == {}
