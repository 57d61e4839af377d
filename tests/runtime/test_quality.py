"""What is usual is learnt, what is not is said once, and quiet times stay quiet. On both stores."""

from __future__ import annotations

import math
import random
from zoneinfo import ZoneInfo

import pytest

from sojourn.runtime import notices
from sojourn.runtime.chores import quality as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.quality import findings
from sojourn.runtime.quality.bands import LEARNING, band, share_band
from sojourn.storage.database import Database

WEEK = (1.0, 1.0, 1.0, 1.1, 1.3, 0.7, 0.6)
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
TODAY = 20_700
UTC = ZoneInfo("UTC")


def series(seed: int, base: float, noise: float, days: int, growth: float = 0.0) -> dict[int, int]:
    dice = random.Random(seed)
    counts = {}
    for day in range(days):
        expected = base * WEEK[day % 7] * math.exp(growth * day) * dice.lognormvariate(0, noise)
        counts[day] = max(0, round(dice.gauss(expected, math.sqrt(expected))))
    return counts


@pytest.mark.parametrize("base", [5, 40, 200, 5_000])
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("growth", [0.0, 0.005])
def test_no_storm_of_false_alarms_and_an_outage_is_seen(base: int, noise: float, growth: float) -> None:
    alarms = judged = outages = 0
    for seed in range(4):
        counts = series(seed, base, noise, 150, growth)
        for day in range(LEARNING, 150):
            expected = band({one: n for one, n in counts.items() if one < day}, day)
            if expected is not None:
                judged += 1
                alarms += expected.unusual(counts[day]) != 0
                outages += expected.unusual(counts[day] * 0.03) == -1
    assert alarms <= 0.008 * judged + 1
    if base >= 40:
        assert outages >= 0.97 * judged > 0


def test_nothing_is_expected_while_it_learns_and_of_what_hardly_happens() -> None:
    assert band({}, 100) is None
    assert band(dict.fromkeys(range(90, 100), 100), 100) is None
    assert band(dict.fromkeys(range(100), 3), 100) is None
    assert band(dict.fromkeys(range(80, 100), 100), 100) is not None


def test_a_bad_day_does_not_move_what_is_expected() -> None:
    steady: dict[int, float] = dict.fromkeys(range(60), 100.0)
    before, after = band(steady, 60), band({**steady, 57: 0.0, 50: 9_000.0}, 60)
    assert before is not None and after is not None
    assert abs(before.middle - after.middle) < 5 and after.unusual(5) == -1 and after.unusual(400) == 1


def test_a_new_level_is_learnt_within_two_weeks() -> None:
    stepped: dict[int, float] = {day: 100.0 if day < 60 else 400.0 for day in range(80)}
    first, later = band({k: v for k, v in stepped.items() if k < 61}, 61), band(stepped, 80)
    assert first is not None and first.unusual(400) == 1
    assert later is not None and later.unusual(400) == 0


def test_missing_values_have_a_band_of_their_own() -> None:
    usual = share_band([(0.02 + 0.01 * (n % 3), 500) for n in range(30)])
    assert usual is not None and usual.unusual(0.04) == 0 and usual.unusual(0.4) == 1


class House:
    def __init__(self, db: Database, hour: int = 15) -> None:
        self.db, self.clock = db, ManualClock(TODAY * DAY_MS + hour * HOUR_MS)

    def had(self, name: str, per_hour: int, days: range, hours: range = range(24), **more: int) -> None:
        rows = [(name, day * 24 + hour, per_hour, more.get("duplicates", 0), 0) for day in days for hour in hours]
        self.db.write(lambda tx: tx.insert("volumes", "name,hour,n,duplicates,violations", rows))

    def present(self, name: str, key: str, n: int, days: range) -> None:
        self.db.write(lambda tx: tx.insert("presences", "name,day,property,n", [(name, day, key, n) for day in days]))

    def said(self) -> list[str]:
        chore.run(self)
        return self.db.look(notices.all_of)


def test_an_outage_today_is_said_in_a_sentence_and_taken_back(db: Database) -> None:
    house = House(db)
    house.had("purchased", 5, range(TODAY - 60, TODAY))
    house.had("viewed_product", 50, range(TODAY - 60, TODAY))
    house.had("viewed_product", 50, range(TODAY, TODAY + 1), range(15))
    house.had("purchased", 5, range(TODAY, TODAY + 1), range(1))
    (sentence,) = house.said()
    assert sentence.startswith("purchased: 5 today before 15:00, expected ") and sentence.endswith(" by then.")
    house.had("purchased", 5, range(TODAY, TODAY + 1), range(1, 15))
    assert house.said() == []


def test_a_missing_property_and_duplicates_are_said(db: Database) -> None:
    house = House(db)
    house.had("purchased", 10, range(TODAY - 40, TODAY))
    house.had("purchased", 10, range(TODAY, TODAY + 1), range(15), duplicates=15)
    house.present("purchased", "total", 238, range(TODAY - 40, TODAY - 1))
    house.present("purchased", "total", 90, range(TODAY - 1, TODAY))
    assert sorted(house.said()) == [
        "purchased: 60% of today's events came twice.",
        "purchased: “total” was missing in 62% of yesterday's, usually 1%.",
    ]


def test_days_are_those_of_the_owners_zone(db: Database) -> None:
    house = House(db)
    house.had("purchased", 1, range(TODAY - 1, TODAY), range(22, 24))  # 23:00 and 0:00 in Prague in winter
    found = db.look(lambda tx: findings.days(tx, house.clock.now_ms(), ZoneInfo("Etc/GMT-1")))
    assert found["purchased"].counts == {TODAY - 1: 1, TODAY: 1}
