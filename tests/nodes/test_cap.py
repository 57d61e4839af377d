"""Cap: enough is enough."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.cap import Cap
from sojourn.nodes.step import CapNeed, Go


def test_those_below_the_cap_go_on(batch):
    node = Cap("c", {"max": 2, "amount": 7, "unit": "days"})
    need = CapNeed(168, "email")
    assert node.needs() == (need,)
    assert node.step(batch(3, {need: [0, 1, 2]})) == [(Go("ok"), [0, 1]), (Go("capped"), [2])]


def test_any_channel_of_this_journey():
    node = Cap("c", {"channel": "any", "scope": "this journey", "amount": 1.5, "unit": "hours"})
    assert node.needs() == (CapNeed(2, None, this_journey=True),)


def test_nothing_has_to_stand_behind_capped():
    assert [(port.name, port.optional) for port in Cap("c").ports()] == [("ok", False), ("capped", True)]


def test_counting_by_the_minute_is_refused():
    with pytest.raises(ValidationError, match="hours, days or weeks"):
        Cap("c", {"unit": "minutes"})
