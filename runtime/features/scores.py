"""Scores: how engaged somebody is, and in which fifth of the buyers they stand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import floor, log2

VISIT, OPEN, CLICK = 3.0, 1.0, 3.0  # points: of a day with a sign of life, of a letter opened, of a letter clicked
HALF = 20.0  # points that make a score of 50


def engagement(points: Mapping[int, float], today: int, half_life_days: float) -> tuple[int, int | None]:
    """The score (0 to 100) of points by day (days since 1970, UTC), and the first day on which it may be lower.

    Points p decay by half every ``half_life_days``; the score is floor(100 · (1 − 2^(−p/20))), so it rises fast at
    first and never passes 100. It is the same all day long. The day is None once nothing is left to fall.
    """
    left = sum(points[day] * 2.0 ** (-(today - day) / half_life_days) for day in sorted(points) if day <= today)
    score = floor(100 * (1 - 2.0 ** (-left / HALF)))
    if score <= 0:
        return 0, None
    if score >= 100:
        return 100, today + 1
    falls_below = -HALF * log2(1 - score / 100)
    return score, today + max(1, floor(half_life_days * log2(left / falls_below)))


def grade(value: float, cuts: Sequence[float]) -> int:
    """In which group ``value`` falls, from 1: one more than the cuts (ascending) that it exceeds."""
    return 1 + bisect_left(cuts, value)
