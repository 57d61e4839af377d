"""Send window: open by the clock on each contact's wall, also when that clock jumps."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sojourn.nodes.send_window import WEEK, SendWindow, opening
from sojourn.nodes.step import HOUR_MS, MINUTE_MS, Go, Hold, ProfileNeed

ZONES = [
    "Europe/Prague",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
]


def ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).astimezone(UTC).timestamp() * 1000)


def test_each_contact_passes_by_their_own_clock(batch):
    node = SendWindow("w", {"from": "09:00", "to": "18:00"})
    profiles = [
        {"timezone": "Europe/Prague"},
        {"timezone": "America/New_York"},
        {"timezone": "Nowhere"},
        {},
        {"timezone": 5},
    ]
    answers = node.step(batch(5, {ProfileNeed(): profiles}, now_ms=ms("2026-01-05T09:30+00:00")))
    assert answers == [(Go("next"), [0, 2, 3, 4]), (Hold(ms("2026-01-05T09:00-05:00")), [1])]


def test_one_zone_for_all_needs_no_profile(batch):
    node = SendWindow("w", {"zone": "Asia/Kathmandu", "days": ["mon"]})
    assert node.needs() == ()
    friday = batch(now_ms=ms("2026-01-02T12:00+05:45"))
    assert node.step(friday) == [(Hold(ms("2026-01-05T09:00+05:45")), [0, 1, 2])]


@pytest.mark.parametrize(
    ("where", "now", "window", "opens"),
    [
        # clocks go forward: a time that never comes is the first valid instant
        ("Europe/Prague", "2026-03-29T00:00+01:00", ("02:30", "05:00"), "2026-03-29T03:00+02:00"),
        ("America/New_York", "2026-03-08T00:00-05:00", ("02:15", "05:00"), "2026-03-08T03:00-04:00"),
        ("Australia/Lord_Howe", "2026-10-04T00:00+10:30", ("02:10", "05:00"), "2026-10-04T02:30+11:00"),
        # a window the jump swallows whole is not there on that day
        ("Europe/Prague", "2026-03-29T00:00+01:00", ("02:00", "03:00"), "2026-03-30T02:00+02:00"),
        # clocks go back: a time that comes twice is its first occurrence
        ("Europe/Prague", "2026-10-25T00:00+02:00", ("02:30", "05:00"), "2026-10-25T02:30+02:00"),
        ("America/New_York", "2026-11-01T00:00-04:00", ("01:30", "05:00"), "2026-11-01T01:30-04:00"),
        ("Australia/Lord_Howe", "2026-04-05T00:00+11:00", ("01:45", "05:00"), "2026-04-05T01:45+11:00"),
        # it stays open through the hour that comes twice
        ("Europe/Prague", "2026-10-25T02:10+01:00", ("02:30", "05:00"), None),
        # Casablanca is an hour back during Ramadan, from the 15th of February to the 22nd of March 2026
        ("Africa/Casablanca", "2026-02-14T22:00+01:00", ("09:00", "18:00"), "2026-02-15T09:00+00:00"),
        ("Africa/Casablanca", "2026-03-21T22:00+00:00", ("09:00", "18:00"), "2026-03-22T09:00+01:00"),
        ("Asia/Kathmandu", "2026-05-01T20:00+05:45", ("09:00", "18:00"), "2026-05-02T09:00+05:45"),
        # the 30th of December 2011 never was in Apia
        ("Pacific/Apia", "2011-12-29T20:00-10:00", ("09:00", "18:00"), "2011-12-31T09:00+14:00"),
    ],
)
def test_clocks_that_jump(where, now, window, opens):
    start, end = (time.fromisoformat(each) for each in window)
    found = opening(ms(now), ZoneInfo(where), WEEK, start, end)
    assert found == (opens and ms(opens)), found and datetime.fromtimestamp(found / 1000, ZoneInfo(where))


def test_a_window_may_pass_midnight_and_belongs_to_the_day_it_opens():
    prague, night = ZoneInfo("Europe/Prague"), (time(22), time(6))
    assert opening(ms("2026-01-03T02:00+01:00"), prague, ["fri"], *night) is None
    assert opening(ms("2026-01-03T06:00+01:00"), prague, ["fri"], *night) == ms("2026-01-09T22:00+01:00")


def test_the_same_hour_twice_is_the_whole_day():
    assert opening(ms("2026-01-03T02:00+00:00"), ZoneInfo("UTC"), ["sat"], time(0), time(0)) is None
    assert opening(ms("2026-01-04T02:00+00:00"), ZoneInfo("UTC"), ["sat"], time(0), time(0)) == ms("2026-01-10T00:00Z")


@given(
    st.integers(ms("2005-01-01T00:00Z"), ms("2035-01-01T00:00Z")),
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(WEEK), min_size=1),
    st.times(),
    st.times(),
)
def test_the_opening_is_when_it_first_opens(now_ms, where, days, start, end):
    """Whatever the clocks do: it is open then, and closed at every moment before."""
    start, end = (each.replace(minute=each.minute // 5 * 5, second=0, microsecond=0) for each in (start, end))
    place = ZoneInfo(where)
    opens = opening(now_ms, place, days, start, end)
    if opens is not None:
        assert now_ms < opens <= now_ms + 15 * 24 * HOUR_MS
        assert opening(opens, place, days, start, end) is None
        for moment in {max(now_ms, opens - minutes * MINUTE_MS) for minutes in (1, 30, 60, 600)} - {opens}:
            assert opening(moment, place, days, start, end) == opens


@pytest.mark.parametrize(
    "settings", [{"days": []}, {"days": ["mon", "mon"]}, {"days": ["monday"]}, {"from": "25:00"}, {"zone": "Mars"}]
)
def test_what_is_no_window_is_refused(settings):
    with pytest.raises(ValidationError):
        SendWindow("w", settings)
