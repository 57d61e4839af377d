"""Push notification: one asked for, then on by what became of it."""

from sojourn.nodes.push import Push
from sojourn.nodes.step import Go, Send


def test_who_arrives_is_sent_it_and_goes_on_when_it_left(batch):
    node = Push("s", {"message": "short"})
    assert node.step(batch()) == [(Send("push", "short"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["sent"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == (("short",), ("push",))
