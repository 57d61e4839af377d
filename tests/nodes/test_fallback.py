"""First channel that works: the forms one after another, each once."""

from sojourn.nodes.fallback import FirstThatWorks
from sojourn.nodes.outcomes import Fallback, Try
from sojourn.nodes.step import Go, MessageNeed, PolicyNeed, Send

WAYS = [{"channel": "push", "message": "note"}, {"channel": "sms", "message": "short"}]


def test_the_next_is_tried_where_one_does_not_work(batch):
    node = FirstThatWorks("f", {"ways": WAYS})
    facts = {
        MessageNeed("tries", node="f"): [(), (Try(0),), (Try(0, 1),), (Try(0), Try(1))],
        PolicyNeed("fallback"): [Fallback()] * 4,
    }
    told = [None, "no_address", "sent", "blocked:1"]
    said = {row: answer for answer, rows in node.step(batch(4, facts=facts, outcome=told)) for row in rows}
    assert said == {0: Send("push", "note"), 1: Send("sms", "short", 1), 2: Go("next"), 3: Go("next")}
    assert node.channels() == ("push", "sms")
    assert node.summary() == "push notification, else text message"
