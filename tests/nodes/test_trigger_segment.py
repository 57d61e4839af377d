"""Segment trigger: coming in and going out are the events that start the journey."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.node import Reentry
from sojourn.nodes.rule import passes
from sojourn.nodes.step import Go
from sojourn.nodes.trigger_segment import SegmentTrigger


def test_it_answers_the_event_of_its_own_segment_alone():
    entry = SegmentTrigger("t", {"segment": "loyal"}).entry()
    assert entry.event == "joined_segment" and entry.reentry == Reentry("always")
    assert passes(entry.where, {"segment": "loyal"}) and not passes(entry.where, {"segment": "lost"})
    assert SegmentTrigger("t", {"segment": "loyal", "on": "leaves"}).entry().event == "left_segment"


def test_everyone_goes_on_at_once(batch):
    here = batch()
    assert SegmentTrigger("t", {"segment": "loyal"}).step(here) == [(Go("next"), here.rows)]
    assert SegmentTrigger("t", {"segment": "loyal", "on": "leaves"}).summary() == "leaves the segment loyal"


@pytest.mark.parametrize(("settings", "sentence"), [({}, "segment"), ({"segment": "x", "on": "stays"}, "'joins'")])
def test_what_makes_no_sense_is_refused(settings, sentence):
    with pytest.raises(ValidationError, match=sentence):
        SegmentTrigger("t", settings)
