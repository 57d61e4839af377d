"""Task: put on the list, then on."""

from sojourn.nodes.crm_task import CrmTask
from sojourn.nodes.step import Go, Send


def test_what_it_says_stands_in_the_step_itself(batch):
    node = CrmTask("s", {"title": "Call them"})
    assert node.step(batch()) == [(Send("crm_task", "@s"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["failed"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == ((), ("crm_task",))
    assert node.summary() == "Call them"
