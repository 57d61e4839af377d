"""Goal: reached on the path or by an event, counted as converted."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.goal import Goal
from sojourn.nodes.node import Listen
from sojourn.nodes.step import Condition, Go, Leave


def test_who_gets_here_has_converted(batch):
    node = Goal("g")
    assert node.step(batch()) == [(Leave("goal", converted=True), [0, 1, 2])]
    assert (node.ports(), node.listens()) == ((), None)


def test_an_event_reaches_it_from_anywhere():
    node = Goal("g", {"event": "purchased", "where": [{"property": "total", "op": "more_than", "value": 0}]})
    assert node.listens() == Listen("purchased", (Condition("total", "more_than", 0),), leave=True)


def test_a_goal_on_the_way_lets_people_go_on(batch):
    node = Goal("g", {"leave": False})
    assert node.step(batch()) == [(Go("next", converted=True), [0, 1, 2])]
    assert [(port.name, port.optional) for port in node.ports()] == [("next", True)]


def test_a_condition_without_an_event_is_refused():
    with pytest.raises(ValidationError, match="name the event"):
        Goal("g", {"where": [{"property": "total", "value": 1}]})
