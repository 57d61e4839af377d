"""Quiet and working hours: the next moment they all allow is what a minute-by-minute search finds."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.nodes.step import MINUTE_MS
from sojourn.runtime.policy.hours import Timetable, never_opens, spread
from sojourn.runtime.policy.policy import Policy, QuietHours, WorkingHours
from sojourn.runtime.policy.whereabouts import Place

COUNTRY = {
    "Europe/Prague": "CZ",
    "America/New_York": "US",
    "America/St_Johns": "CA",
    "America/Santiago": "CL",  # changes at midnight
    "Asia/Beirut": "LB",  # changes at midnight
    "Africa/Cairo": "EG",
    "Australia/Lord_Howe": "AU",  # by half an hour
    "Antarctica/Troll": "AQ",  # by two
    "Africa/Casablanca": "MA",  # in Ramadan
    "Asia/Kathmandu": "NP",
    "Pacific/Kiritimati": "KI",
    "UTC": None,
}
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def timetable(**hours: list[dict[str, Any]]) -> Timetable:
    policy = Policy.model_validate(hours)
    return Timetable(policy.quiet_hours, policy.working_hours)


def at(moment: str, zone: str = "Europe/Prague") -> int:
    return round(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


PRAGUE = Place("Europe/Prague", "CZ", "the phone number")
NIGHT = {"channels": ["sms"], "from": "20:00", "to": "08:00"}
OFFICE = {"channels": ["email"], "days": WEEK[:5], "from": "09:00", "to": "17:00"}


@pytest.mark.parametrize(
    ("now", "channel", "rank", "opens", "why"),
    [
        ("2026-11-20T12:30", "sms", 3, None, ""),
        ("2026-11-20T07:30", "sms", 3, "2026-11-20T08:00", "Quiet hours for texts until 08:00 in Europe/Prague (from"),
        ("2026-11-20T20:00", "sms", 3, "2026-11-21T08:00", "Quiet hours for texts until 08:00 on Saturday 21 November"),
        ("2026-11-20T20:00", "sms", 0, None, ""),  # what is owed goes at any time, unless the rule names its class
        ("2026-11-20T07:30", "push", 3, None, ""),
        ("2026-11-20T17:00", "email", 3, "2026-11-21T10:00", "Outside the working hours for texts until 10:00 on Sat"),
        ("2026-12-23T18:00", "email", 3, "2026-12-28T09:00", "Outside the working hours"),
        ("2026-12-25T12:00", "email", 3, "2026-12-28T09:00", "Public holiday (Christmas Day), no texts until 09:00 on"),
        ("2026-03-29T01:30", "push_early", 3, "2026-03-29T03:00", "Quiet hours"),  # 02:30 is never: the clocks jump
        ("2026-10-25T01:30", "push_early", 3, "2026-10-25T02:30", "Quiet hours"),  # 02:30 is twice: the first
    ],
)
def test_the_next_opening(now: str, channel: str, rank: int, opens: str | None, why: str) -> None:
    saturday = OFFICE | {"days": ["sat"], "from": "10:00", "to": "12:00"}
    early = {"channels": ["push_early"], "from": "22:00", "to": "02:30"}
    table = timetable(quiet_hours=[NIGHT, early], working_hours=[OFFICE, saturday])
    found = table.opening(at(now), PRAGUE, channel, rank)
    assert (found and found.opens_ms) == (opens and at(opens))
    assert found is None or found.why("texts").startswith(why)


def test_rules_about_different_sorts_all_have_to_allow_it() -> None:
    table = timetable(working_hours=[OFFICE, {"classes": ["promo"], "from": "11:00", "to": "20:00"}])
    automation, promo = (table.opening(at("2026-11-20T07:00"), PRAGUE, "email", rank) for rank in (1, 3))
    assert automation and automation.opens_ms == at("2026-11-20T09:00")
    assert promo and (promo.opens_ms, promo.closes_ms) == (at("2026-11-20T11:00"), at("2026-11-20T17:00"))


def test_holidays_differ_by_country_and_state() -> None:
    table = timetable(quiet_hours=[NIGHT | {"holidays": "quiet"}])
    noon = at("2026-11-17T12:00")  # a holiday in the Czech Republic alone
    assert table.opening(noon, PRAGUE, "sms", 3)
    assert not table.opening(noon, Place("Europe/Prague", "SK", ""), "sms", 3)
    epiphany = at("2026-01-06T12:00", "Europe/Berlin")  # in Bavaria, not in Berlin
    assert table.opening(epiphany, Place("Europe/Berlin", "DE", "", "BY"), "sms", 3)
    assert table.opening(epiphany, Place("Europe/Berlin", "DE", "", "BAYERN"), "sms", 3)
    assert not table.opening(epiphany, Place("Europe/Berlin", "DE", "", "BE"), "sms", 3)
    assert not table.opening(epiphany, Place("Europe/Berlin", "XX", ""), "sms", 3)


def test_those_who_waited_leave_evenly_and_inside_the_window() -> None:
    opens, closes = at("2026-11-20T08:00"), at("2026-11-20T20:00")
    minutes = [(leaves - opens) // MINUTE_MS for leaves in spread(range(60_000), opens, closes, 60)]
    assert set(minutes) == set(range(60))
    assert all(850 < minutes.count(minute) < 1150 for minute in range(60))
    assert all(opens <= leaves < opens + 90_000 for leaves in spread(range(1000), opens, opens + 90_000, 600))
    assert spread([7], opens, closes, 0) == [opens]
    assert spread([6, 7], opens, closes, 60)[1:] == spread([7], opens, closes, 60)


def test_hours_that_never_open_are_found() -> None:
    day = {"from": "00:00", "to": "24:00"}

    def never(quiet: dict[str, Any], working: dict[str, Any] | None = None) -> list[str]:
        return never_opens(
            [QuietHours.model_validate(quiet)], [WorkingHours.model_validate(working)] if working else []
        )

    assert never(NIGHT, OFFICE) == []
    assert never(day | {"channels": ["sms"], "classes": ["promo"], "countries": ["CZ"]}) == [
        "The hours never let promo messages by sms out to CZ."
    ]
    assert "The hours never let promo messages out." in never(
        {"from": "12:00", "to": "09:00"}, {"from": "13:00", "to": "18:00"}
    )


# ── against a search minute by minute ─────────────────────────────────────────────────────────────────


@cache
def changes(zone: str) -> list[int]:
    """The days of 2026 around which the clocks of a zone change, as hours since 1970; some day where they never do."""
    where, first = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    offsets = [(first + timedelta(hours=n)).astimezone(where).utcoffset() for n in range(365 * 24)]
    start = round(first.timestamp()) // 3600
    return [start + n for n in range(1, len(offsets)) if offsets[n] != offsets[n - 1]] or [start + 3000]


class Slow:
    """What the clocks show in every minute of some days, and what the rules make of it."""

    def __init__(self, first_ms: int, minutes: int, zone: str) -> None:
        where = ZoneInfo(zone)
        self.first_ms, self.zone = first_ms, zone
        moments = [datetime.fromtimestamp(first_ms / 1000 + 60 * n, UTC).astimezone(where) for n in range(minutes)]
        self.shown = [moment.replace(tzinfo=None) for moment in moments]
        self.latest: list[datetime] = []  # the latest time shown so far
        for shown in self.shown:
            self.latest.append(max(shown, self.latest[-1]) if self.latest else shown)

    def first(self, day: date, minutes: int) -> int:
        """The first minute at which the clocks show such a time on such a day, or a later one."""
        wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
        return bisect_left(self.latest, wanted)

    def within(self, rule: dict[str, Any]) -> list[bool]:
        """For each minute, whether it is in the hours of the rule."""
        start, end = (int(rule[key][:2]) * 60 + int(rule[key][3:]) for key in ("from", "to"))
        inside = [False] * len(self.shown)
        for day in self.days():
            if WEEK[day.weekday()] in rule.get("days", WEEK):
                over = day if start < end else day + timedelta(days=1)
                for minute in range(self.first(day, start), self.first(over, end)):
                    inside[minute] = True
        return inside

    def days(self) -> list[date]:
        first = self.shown[0].date()
        return [first + timedelta(days=n) for n in range(-1, (self.shown[-1].date() - first).days + 1)]

    def allowed(self, quiet: list[dict[str, Any]], working: list[dict[str, Any]]) -> list[bool]:
        fine = [True] * len(self.shown)
        for rule in quiet:
            fine = [before and not inside for before, inside in zip(fine, self.within(rule), strict=True)]
        for name in {rule["channels"][0] for rule in working}:
            group = [self.within(rule) for rule in working if rule["channels"][0] == name]
            fine = [before and any(inside) for before, *inside in zip(fine, *group, strict=True)]
        if any(rule.get("holidays") != "as_usual" for rule in working) or any(
            rule.get("holidays") == "quiet" for rule in quiet
        ):
            free = public(COUNTRY[self.zone])
            for day in self.days():
                if day in free:
                    for minute in range(self.first(day, 0), self.first(day + timedelta(days=1), 0)):
                        fine[minute] = False
        return fine


@cache
def public(country: str | None) -> frozenset[date]:
    if country is None or country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=(2025, 2026, 2027)))


clock = st.integers(0, 24 * 12 - 1).map(lambda n: f"{n // 12:02}:{n % 12 * 5:02}")
days = st.lists(st.sampled_from(WEEK), min_size=1, unique=True)
rule = st.fixed_dictionaries(
    {"from": clock, "to": clock},
    optional={"days": days, "holidays": st.sampled_from(["quiet", "as_usual"])},
).filter(lambda rule: rule["from"] != rule["to"])
quiet_rules = st.lists(rule.map(lambda rule: rule | {"channels": ["email"]}), max_size=3)
working_rules = st.lists(
    st.tuples(rule, st.sampled_from([["email"], ["email", "sms"]])).map(lambda both: both[0] | {"channels": both[1]}),
    max_size=1,
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(COUNTRY)), st.data(), quiet_rules, working_rules)
def test_the_answer_is_what_a_search_by_the_minute_finds(
    zone: str, data: st.DataObject, quiet: list[dict[str, Any]], working: list[dict[str, Any]]
) -> None:
    change = data.draw(st.sampled_from(changes(zone)))
    minutes = 9 * 1440
    slow = Slow((change - 72) * 3_600_000, minutes, zone)
    fine = slow.allowed(quiet, working)
    place = Place(zone, COUNTRY[zone], "")
    table = timetable(quiet_hours=quiet, working_hours=working)
    for now in data.draw(st.lists(st.integers(2880, 5 * 1440), min_size=1, max_size=8)):
        found = table.opening(slow.first_ms + now * MINUTE_MS, place, "email", 3)
        following = next((minute for minute in range(now, minutes - 1440) if fine[minute]), None)
        if following is None:
            assert found and found.opens_ms >= slow.first_ms + (minutes - 1440) * MINUTE_MS
        elif following == now:
            assert found is None
        else:
            assert found and found.opens_ms == slow.first_ms + following * MINUTE_MS
            closing = next((minute for minute in range(following, minutes - 1440) if not fine[minute]), None)
            assert closing is None or found.closes_ms == slow.first_ms + closing * MINUTE_MS
            [leaves] = spread([now], found.opens_ms, found.closes_ms, found.spread_minutes)
            assert table.opening(leaves, place, "email", 3) is None
