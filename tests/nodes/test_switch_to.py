"""Switch to: other journeys are left, another one is entered."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.step import Do, Switch
from sojourn.nodes.switch_to import SwitchTo


def test_everybody_leaves_and_enters_the_same(batch):
    node = SwitchTo("s", {"leave": ["sale"], "leave_classes": ["promo"], "enter": "post-purchase"})
    assert node.step(batch()) == [(Do(Switch(("sale",), ("promo",), "post-purchase")), [0, 1, 2])]
    assert node.summary() == "leave sale, all promotions; enter post-purchase"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "needs a journey to leave or to enter"),
        ({"leave": ["sale"], "enter": "sale"}, "decide for one"),
        ({"leave_classes": ["transactional"]}, "leave_classes"),
        ({"enter": "No Such Name"}, "enter"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, sentence):
    with pytest.raises(ValidationError, match=sentence):
        SwitchTo("s", settings)


@pytest.mark.parametrize(
    ("settings", "sentence"), [({"enter": "thanks"}, "use Jump"), ({"leave": ["thanks"]}, "use Exit")]
)
def test_a_journey_does_not_switch_to_itself(settings, sentence):
    nodes = {
        "start": {"kind": "trigger_api", "settings": {}, "next": "s"},
        "s": {"kind": "switch_to", "settings": settings},
    }
    graph = JourneyGraph({"journey": "thanks", "name": "thanks", "nodes": nodes, "edges": []})
    assert any(sentence in problem.text for problem in graph.problems())
