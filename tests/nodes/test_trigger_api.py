"""API trigger: in by a call, by default as often as called."""

from sojourn.nodes.node import OnCall, Reentry
from sojourn.nodes.step import Go
from sojourn.nodes.trigger_api import ApiTrigger


def test_people_come_in_by_a_call(batch):
    node = ApiTrigger("t")
    assert node.entry() == OnCall(Reentry("always"))
    assert node.step(batch()) == [(Go("next"), [0, 1, 2])]


def test_once_is_once():
    assert ApiTrigger("t", {"reentry": "once"}).entry() == OnCall(Reentry("once"))
