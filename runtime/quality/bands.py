"""What is usual for a day of the week, by a robust statistic, so that one bad day does not move what is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import median

WEEKS = 8  # looked back for what is usual on a weekday
LEARNING = 14  # days before anything is expected
RECENT, LATELY = 28, 14  # days that tell the spread, and the level things are at now
SPREAD = 1.4826  # median absolute deviation → standard deviation of a normal distribution
WIDTH = 4.5  # standard deviations on each side
LEAST = 0.10  # relative spread that is granted to everything: campaigns, weather, a holiday
FEW = 10.0  # a day: below that, no number is unusual
HALF = 0.5  # added before taking logarithms, for days with nothing


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected of a day: between ``low`` and ``high``, most likely ``middle``."""

    low: float
    middle: float
    high: float

    def unusual(self, value: float) -> int:
        """-1 for too little, 1 for too much, 0 for as usual."""
        return -1 if value < self.low else 1 if value > self.high else 0


def band(history: Mapping[int, float], day: int) -> Band | None:
    """What is expected on ``day``, from the days before it (day since 1970 → count; absent is nothing).

    In logarithms: the median of the same weekdays, moved by where the last two weeks stand against theirs, give or
    take the spread (MAD) of the last four weeks and the noise of counting (Poisson). None in the first two weeks, and
    where a day has so few that no number is unusual.
    """
    first = min(history, default=day)
    if day - first < LEARNING:
        return None
    past = {one: history.get(one, 0.0) for one in range(max(first, day - 7 * WEEKS), day)}
    usual = {weekday: log(_weekday(past, weekday) + HALF) for weekday in range(7)}
    residuals = {one: log(n + HALF) - usual[one % 7] for one, n in past.items()}
    level = median(rest for one, rest in residuals.items() if one >= day - LATELY)
    middle = max(0.0, exp(usual[day % 7] + level) - HALF)
    if middle < FEW:
        return None
    lately = [abs(rest - level) for one, rest in residuals.items() if one >= day - RECENT]
    weeks = max(1, len(past) // 7)
    spread = max(SPREAD * median(lately), LEAST) * (1 + 1 / weeks)  # few weeks know little
    width = WIDTH * sqrt(spread**2 + 1 / middle)
    return Band(middle * exp(-width), middle, middle * exp(width))


def share_band(shares: Sequence[tuple[float, int]]) -> Band | None:
    """What share of a day's events misses a property, from ``(share, events)`` of the days before."""
    days = [(share, n) for share, n in shares if n >= FEW]
    if len(days) < LEARNING:
        return None
    middle = median(share for share, _ in days)
    spread = SPREAD * median(abs(share - middle) for share, _ in days)
    noise = sqrt(max(middle * (1 - middle), 0.01) / median(n for _, n in days))
    width = WIDTH * sqrt(spread**2 + noise**2) + 0.05
    return Band(max(0.0, middle - width), middle, min(1.0, middle + width))


def _weekday(past: Mapping[int, float], weekday: int) -> float:
    same = [n for day, n in past.items() if day % 7 == weekday]
    return float(median(same)) if same else float(median(past.values()))
