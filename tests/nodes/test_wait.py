"""Wait: rest until the time is over, whatever happened to the clock meanwhile."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.step import DAY_MS, HOUR_MS, Go, Hold
from sojourn.nodes.wait import Wait


def test_people_rest_until_their_own_time_is_over(batch):
    here = batch(now_ms=10 * HOUR_MS, since_ms=[7 * HOUR_MS, 8 * HOUR_MS, 9 * HOUR_MS])
    answers = Wait("w", {"amount": 2, "unit": "hours"}).step(here)
    assert answers == [(Go("next"), [0, 1]), (Hold(11 * HOUR_MS), [2])]


def test_three_days_of_outage_only_make_it_late(batch):
    here = batch(now_ms=4 * DAY_MS, since_ms=[0, 0, 0])
    assert Wait("w").step(here) == [(Go("next"), [0, 1, 2])]


def test_parts_of_a_unit_are_fine(batch):
    assert Wait("w", {"amount": 1.5, "unit": "minutes"}).step(batch(1, now_ms=0, since_ms=[0])) == [(Hold(90_000), [0])]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"amount": 0}, "greater than 0"), ({"amount": 600, "unit": "weeks"}, "ten years"), ({"unit": "day"}, "'days'")],
)
def test_no_time_and_far_too_long_are_refused(settings, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Wait("w", settings)


def test_the_card_says_how_long():
    assert [Wait("w", {"amount": n, "unit": "days"}).summary() for n in (1, 2, 0.5)] == ["1 day", "2 days", "0.5 days"]
