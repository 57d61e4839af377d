"""Alert: a colleague is told, then on."""

from sojourn.nodes.alert import Alert
from sojourn.nodes.step import Go, Send


def test_what_it_says_stands_in_the_step_itself(batch):
    node = Alert("s", {"title": "Somebody is stuck"})
    assert node.step(batch()) == [(Send("alert", "@s"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["failed"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == ((), ("alert",))
    assert node.summary() == "Somebody is stuck"
