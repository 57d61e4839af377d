"""Exit: out, with a word the funnel can group by."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.exit import Exit
from sojourn.nodes.step import Leave


def test_people_leave_with_the_reason(batch):
    assert Exit("e").step(batch()) == [(Leave("done"), [0, 1, 2])]
    assert Exit("e", {"reason": "not-interested"}).step(batch()) == [(Leave("not-interested"), [0, 1, 2])]
    assert Exit("e").ports() == ()


def test_a_reason_is_one_word():
    with pytest.raises(ValidationError, match="small letters"):
        Exit("e", {"reason": "They did not buy!"})
