"""A jump lets time pass, then sends people to another step; it never makes an endless circle unseen."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.jump import Jump
from sojourn.nodes.step import DAY_MS, HOUR_MS, Back, Batch, Hold


def test_people_rest_and_then_go_back() -> None:
    jump = Jump("again", {"to": "ask", "amount": 1, "unit": "days"})
    batch = Batch(10 * DAY_MS, "again", [0, 1], [7, 8], [0, 0], [9 * DAY_MS, 10 * DAY_MS - HOUR_MS])
    assert jump.step(batch) == [(Back("ask"), [0]), (Hold(11 * DAY_MS - HOUR_MS), [1])]


def test_less_than_an_hour_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one hour"):
        Jump("again", {"to": "ask", "amount": 59, "unit": "minutes"})


def drawn(to: str, **nodes: Any) -> list[tuple[str, str]]:
    content = {
        "name": "round",
        "nodes": {
            "start": {"kind": "trigger_api", "next": {"next": "ask"}},
            "ask": {"kind": "wait", "settings": {"amount": 1, "unit": "days"}, "next": {"next": "again"}},
            "again": {"kind": "jump", "settings": {"to": to, "amount": 1, "unit": "days"}},
            **nodes,
        },
    }
    return [(problem.severity, problem.text) for problem in JourneyGraph(content).problems()]


def test_a_circle_without_a_way_out_is_an_error() -> None:
    assert drawn("ask") == [("error", "again: people go round without ever leaving; lead a way out of the circle.")]
    rule = {"rule": {"property": "country", "op": "equals", "value": "CZ"}}
    out = {"kind": "branch", "settings": rule, "next": {"yes": "again", "no": "end"}}
    assert drawn("ask", ask=out, end={"kind": "exit"}) == []


def test_a_circle_that_only_an_event_ends_is_a_warning() -> None:
    goal = {"kind": "goal", "settings": {"event": "purchased"}}
    assert [severity for severity, _ in drawn("ask", bought=goal)] == ["warning"]


@pytest.mark.parametrize(("to", "word"), [("again", "itself"), ("nowhere", "does not exist"), ("start", "trigger")])
def test_where_it_leads_is_looked_at(to: str, word: str) -> None:
    assert any(severity == "error" and word in text for severity, text in drawn(to))


def test_what_only_a_jump_leads_to_is_reached() -> None:
    later = {"kind": "exit"}
    assert drawn("later", later=later) == []
