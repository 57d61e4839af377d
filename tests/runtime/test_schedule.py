"""Journeys that start by the calendar, and those that also take in who was there before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from sojourn.nodes.node import OnSchedule
from sojourn.runtime import entries, schedule
from sojourn.runtime.schedule import Schedule, next_occasion_ms, occurs
from sojourn.storage import merging, people
from sojourn.storage.columns import from_ms, to_ms
from sojourn.storage.database import Tx
from sojourn.storage.merging import Pair

from .conftest import DAY, HOUR, T0, Stage, until_somebody_waits_for_a_lock

Step = Callable[..., dict[str, Any]]


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def entered(stage: Stage) -> list[int]:
    return [row[0] for row in stage.rows("SELECT contact_id FROM enrollments ORDER BY entered_at, contact_id")]


@pytest.mark.parametrize(
    ("entry", "after", "expected"),
    [
        (OnSchedule(cron="0 9 * * 1", zone="Europe/Prague"), "2026-11-20T12:00", "2026-11-23T08:00"),
        (OnSchedule(date_property="born", at="09:00", zone="Europe/Prague"), "2026-11-20T07:59", "2026-11-20T08:00"),
        (OnSchedule(date_property="born", at="09:00", zone="Europe/Prague"), "2026-11-20T08:00", "2026-11-21T08:00"),
        # 02:30 does not exist on 29 March in Prague, and exists twice on 25 October.
        (OnSchedule(date_property="born", at="02:30", zone="Europe/Prague"), "2026-03-28T12:00", "2026-03-29T01:00"),
        (OnSchedule(date_property="born", at="02:30", zone="Europe/Prague"), "2026-10-24T12:00", "2026-10-25T00:30"),
    ],
)
def test_the_next_occasion(entry: OnSchedule, after: str, expected: str) -> None:
    found = next_occasion_ms(entry, ms(after))
    assert found is not None
    assert from_ms(found).strftime("%Y-%m-%dT%H:%M") == expected


@pytest.mark.parametrize(
    ("given", "offset", "yearly", "today", "expected"),
    [
        ("1990-11-22", 0, True, "2026-11-22", True),
        ("1990-11-22", -7, True, "2026-11-15", True),
        ("1990-11-22", 0, False, "2026-11-22", False),
        ("2026-11-01", 21, False, "2026-11-22", True),
        ("2000-02-29", 0, True, "2027-02-28", True),
        ("2000-02-29", 0, True, "2028-02-28", False),
        ("2000-02-29", 0, True, "2028-02-29", True),
        ("2027-11-22", 0, True, "2026-11-22", False),
        ("not a date", 0, True, "2026-11-22", False),
        (None, 0, True, "2026-11-22", False),
        (True, 0, True, "2026-11-22", False),
    ],
)
def test_whose_day_it_is(given: Any, offset: int, yearly: bool, today: str, expected: bool) -> None:
    entry = OnSchedule(date_property="born", offset_days=offset, yearly=yearly)
    assert occurs(entry, {"born": given}, ms(f"{today}T09:00")) is expected


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PAGE", 4)


@pytest.mark.usefixtures("small_pages")
def test_a_birthday_once_a_year_and_missed_days_are_made_up(stage: Stage, step: Step) -> None:
    today = from_ms(T0)
    stage.people(10, born=lambda n: today.replace(year=1990, day=today.day + (n % 3)).strftime("%Y-%m-%d"))
    stage.journey(
        "birthday",
        {
            "in": step("trigger_schedule", {"date_property": "born", "yearly": True, "at": "23:30"}, next="out"),
            "out": step("exit"),
        },
    )
    calendar = Schedule(stage.db, stage.shelf, stage.clock)
    assert calendar.run_due() == 0, "the occasion is still to come"
    due = stage.db.look(calendar.next_due_ms)
    assert due is not None and T0 < due <= T0 + DAY
    stage.clock.set(due)
    first = calendar.run_due()
    assert (first, calendar.run_due()) == (3, 0)
    stage.beat(3 * DAY)  # three days nobody was there
    assert calendar.run_due() == 7
    assert len(entered(stage)) == 10


@pytest.mark.usefixtures("small_pages")
def test_a_missed_cron_line_fires_once_and_takes_whom_the_rule_takes(stage: Stage, step: Step) -> None:
    stage.people(9, tier=lambda n: "gold" if n % 2 else "silver")
    stage.journey(
        "weekly",
        {
            "in": step(
                "trigger_schedule",
                {"cron": "0 9 * * *", "rule": {"property": "tier", "op": "equals", "value": "gold"}},
                next="out",
            ),
            "out": step("exit"),
        },
    )
    calendar = Schedule(stage.db, stage.shelf, stage.clock)
    calendar.run_due()
    stage.beat(5 * DAY)
    assert calendar.run_due() == 5
    assert entered(stage) == [1, 3, 5, 7, 9]
    stage.beat()
    stage.beat(DAY)
    assert calendar.run_due() == 5


@pytest.mark.usefixtures("small_pages")
def test_backfill_takes_those_who_did_it_before_publishing(stage: Stage, step: Step) -> None:
    stage.people(12)
    for contact in range(1, 11):
        stage.happens(contact, "purchased", total=contact * 10)
    stage.beat(2 * DAY)
    settings = {"event": "purchased", "where": [{"property": "total", "op": "at_least", "value": 50}]}
    stage.journey(
        "thanks",
        {"in": step("trigger_event", {**settings, "backfill_days": 7}, next="out"), "out": step("exit")},
    )
    stage.journey("late", {"in": step("trigger_event", settings, next="out"), "out": step("exit")})
    calendar = Schedule(stage.db, stage.shelf, stage.clock)
    assert (calendar.run_due(), calendar.run_due()) == (6, 0)
    assert entered(stage) == [5, 6, 7, 8, 9, 10]
    with_event = stage.rows(
        "SELECT count(*) FROM enrollments e JOIN events v ON v.id = e.event_id AND v.contact_id = e.contact_id"
    )
    assert with_event == [(6,)]


def test_a_schedule_over_a_dst_change_keeps_its_wall_time(stage: Stage, step: Step) -> None:
    zone_hour = {"cron": "0 9 * * *", "zone": "Europe/Prague"}
    stage.people(1)
    stage.journey("daily", {"in": step("trigger_schedule", zone_hour, next="out"), "out": step("exit")})
    calendar = Schedule(stage.db, stage.shelf, stage.clock)
    stage.clock.set(ms("2026-10-23T12:00"))
    calendar.run_due()
    fired = []
    for _ in range(4):
        due = stage.db.look(calendar.next_due_ms)
        assert due is not None
        fired.append(from_ms(due).strftime("%d %H:%M"))
        stage.clock.set(due)
        calendar.run_due()
        stage.beat(HOUR)
    assert fired == ["24 07:00", "25 08:00", "26 08:00", "27 08:00"]


def test_two_workers_look_after_one_trigger_without_letting_anybody_in_twice(stage: Stage, step: Step) -> None:
    """Each looks at the same page; one waits for the other, and then goes on where that one has come to."""
    if not stage.db.postgres:
        pytest.skip("one writer: the two never meet")
    stage.people(3)
    stage.journey(
        "daily", {"day": step("trigger_schedule", {"cron": "0 9 * * *", "reentry": "always"}, next="out"),
                  "out": step("exit")},
    )  # fmt: skip
    Schedule(stage.db, stage.shelf, stage.clock).run_due()
    now_ms = stage.clock.now_ms() + DAY
    program = stage.shelf.programs()[0]
    ((index, entry),) = [(index, entry) for index, entry in program.entries if isinstance(entry, OnSchedule)]
    others = []

    def other(tx: Tx) -> tuple[int, bool]:
        return schedule.tend(tx, program, index, entry, now_ms)

    def first(tx: Tx) -> tuple[int, bool]:
        answer = schedule.tend(tx, program, index, entry, now_ms)
        tx.run("UPDATE enrollments SET ended_at = ?, due_at = NULL", (now_ms,))  # a short journey: they are through
        others.append(pool.submit(stage.db.write, other))
        until_somebody_waits_for_a_lock(stage.db)
        return answer

    with ThreadPoolExecutor(1) as pool:
        assert stage.db.write(first) == (3, False)
        assert others[0].result(timeout=20) == (0, False)
    assert entered(stage) == [1, 2, 3]


def test_who_is_merged_while_being_let_in_stays_outside(stage: Stage, step: Step) -> None:
    if not stage.db.postgres:
        pytest.skip("one writer: the two never meet")
    stage.people(2)
    stage.journey("call", {"call": step("trigger_api", {}, next="out"), "out": step("exit")})
    others = []

    def let_in(tx: Tx) -> int:
        return entries.enroll(tx, stage.shelf, "call", [1, 2], T0)

    def merge(tx: Tx) -> None:
        people.locked(tx, [1, 2])
        others.append(pool.submit(stage.db.write, let_in))
        until_somebody_waits_for_a_lock(stage.db)
        merging.merge(tx, [Pair(1, 2, "alias")], T0)

    with ThreadPoolExecutor(1) as pool:
        stage.db.write(merge)
        assert others[0].result(timeout=20) == 1
    assert entered(stage) == [2]
