"""Event trigger: who comes in, and who again."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.node import Reentry
from sojourn.nodes.step import Condition, Go
from sojourn.nodes.trigger_event import EventTrigger


def test_it_says_which_events_start_the_journey():
    node = EventTrigger(
        "t", {"event": "added_to_cart", "where": [{"property": "total", "op": "at_least", "value": 20}]}
    )
    entry = node.entry()
    assert (entry.event, entry.where) == ("added_to_cart", (Condition("total", "at_least", 20),))
    assert (entry.reentry, entry.backfill_days, entry.rule) == (Reentry("once"), 0, None)


def test_coming_in_again_after_some_days():
    node = EventTrigger("t", {"event": "x", "reentry": "after", "reentry_days": 7})
    assert node.entry().reentry == Reentry("after", 7)


def test_its_rule_reads_the_profile():
    rule = EventTrigger("t", {"event": "x", "rule": {"property": "country", "value": "CZ"}}).entry().rule
    assert rule is not None
    assert rule.meets_profile({"country": "CZ"}, now_ms=0)
    assert not rule.meets_profile({}, now_ms=0)


def test_everyone_goes_on_at_once(batch):
    here = batch()
    assert EventTrigger("t", {"event": "x"}).step(here) == [(Go("next"), here.rows)]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "event"),
        ({"event": "x", "rule": {"event": "y"}}, "put a branch behind the trigger"),
        ({"event": "x", "where": [{"property": "d", "op": "within_days", "value": 3}]}, "cannot look back from now"),
        ({"event": "x", "reentry": "sometimes"}, "'once', 'always' or 'after'"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, sentence):
    with pytest.raises(ValidationError, match=sentence):
        EventTrigger("t", settings)
