"""Webhook: a call asked for, then on."""

from sojourn.nodes.step import Go, Send
from sojourn.nodes.webhook import Webhook


def test_what_it_says_stands_in_the_step_itself(batch):
    node = Webhook("s", {"path": "/vouchers"})
    assert node.step(batch()) == [(Send("webhook", "@s"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["failed"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == ((), ("webhook",))
    assert node.summary() == "POST /vouchers"
