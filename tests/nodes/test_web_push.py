"""Browser notification: one asked for, then on by what became of it."""

from sojourn.nodes.step import Go, Send
from sojourn.nodes.web_push import WebPush


def test_who_arrives_is_sent_it_and_goes_on_when_it_left(batch):
    node = WebPush("s", {"message": "short"})
    assert node.step(batch()) == [(Send("web_push", "short"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["sent"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == (("short",), ("web_push",))
