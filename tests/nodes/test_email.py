"""E-mail: one letter asked for, then on by what became of it."""

import pytest

from sojourn.nodes.email import Email
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.step import Go, Leave, Send


def test_who_arrives_is_sent_the_letter(batch):
    node = Email("m", {"letter": "reminder"})
    assert node.step(batch(outcome=[None, None, None])) == [(Send("email", "reminder"), [0, 1, 2])]
    assert node.step(batch()) == [(Send("email", "reminder"), [0, 1, 2])]
    assert node.contents() == ("reminder",)


@pytest.mark.parametrize(
    ("settings", "skipped", "failed"),
    [
        ({}, Go("next"), Go("next")),
        ({"when_skipped": "leave", "when_failed": "failed"}, Leave("skipped"), Go("failed")),
        ({"when_skipped": "failed", "when_failed": "leave"}, Go("failed"), Leave("failed")),
    ],
)
def test_they_go_on_by_what_became_of_it(batch, settings, skipped, failed):
    node = Email("m", {"letter": "reminder", **settings})
    answers = node.step(batch(4, outcome=["sent", "skipped", "failed", None]))
    by_row = {row: answer for answer, rows in answers for row in rows}
    assert by_row == {0: Go("next"), 1: skipped, 2: failed, 3: Send("email", "reminder")}


@pytest.mark.parametrize(
    ("settings", "exits", "words"),
    [
        ({"when_failed": "failed"}, {"next": "e"}, "nothing is attached to “Failed”"),
        ({}, {"next": "e", "failed": "e"}, "nobody takes the way “Failed”"),
    ],
)
def test_the_way_failed_and_the_settings_have_to_agree(settings, exits, words):
    node = {"kind": "email", "settings": {"letter": "reminder", **settings}, "next": exits}
    graph = JourneyGraph({"name": "j", "nodes": {"m": node, "e": {"kind": "exit"}}})
    assert [(p.node, p.severity) for p in graph.problems() if words in p.text] == [("m", "warning")]
