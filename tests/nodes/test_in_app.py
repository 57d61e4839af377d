"""On-site message: one left for them, then on."""

from sojourn.nodes.in_app import InApp
from sojourn.nodes.step import Go, Send


def test_who_arrives_is_sent_it_and_goes_on_when_it_left(batch):
    node = InApp("s", {"message": "short"})
    assert node.step(batch()) == [(Send("in_app", "short"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["sent"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == (("short",), ("in_app",))
