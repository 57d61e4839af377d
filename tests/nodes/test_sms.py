"""Text message: one asked for, then on by what became of it."""

from sojourn.nodes.sms import Sms
from sojourn.nodes.step import Go, Send


def test_who_arrives_is_sent_it_and_goes_on_when_it_left(batch):
    node = Sms("s", {"message": "short"})
    assert node.step(batch()) == [(Send("sms", "short"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["sent"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == (("short",), ("sms",))
