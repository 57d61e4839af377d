"""Schedule trigger: a cron line, or a date in the profile."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.node import Reentry
from sojourn.nodes.step import Go
from sojourn.nodes.trigger_schedule import ScheduleTrigger


def test_every_monday_at_nine_in_prague():
    entry = ScheduleTrigger("t", {"cron": "0 9 * * 1", "zone": "Europe/Prague"}).entry()
    assert (entry.cron, entry.zone, entry.date_property) == ("0 9 * * 1", "Europe/Prague", None)
    assert entry.reentry == Reentry("always")


def test_three_days_before_each_birthday(batch):
    node = ScheduleTrigger("t", {"date_property": "birthday", "offset_days": -3, "yearly": True})
    entry = node.entry()
    assert (entry.date_property, entry.offset_days, entry.yearly, entry.at) == ("birthday", -3, True, "09:00")
    assert node.summary() == "3 days before birthday, every year, 09:00 UTC"
    assert node.step(batch()) == [(Go("next"), [0, 1, 2])]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "either a cron line or a date"),
        ({"cron": "0 9 * * 1", "date_property": "birthday"}, "not both"),
        ({"cron": "soon"}, "no cron line"),
        ({"cron": "0 9 30 2 *"}, "no cron line"),
        ({"cron": "0 9 * * 1", "zone": "Europe/Brno"}, "no time zone"),
        ({"cron": "0 9 * * 1", "zone": "../../etc/passwd"}, "no time zone"),
        ({"date_property": "birthday", "at": "9:00"}, "at"),
        ({"date_property": "birthday", "at": "24:00"}, "at"),
    ],
)
def test_what_never_comes_is_refused(settings, sentence):
    with pytest.raises(ValidationError, match=sentence):
        ScheduleTrigger("t", settings)
