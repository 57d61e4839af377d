"""The life cycle: new → activated → loyal → at risk → lost, and back; worked out from what somebody did and the time.

The stage is a function of the whole history and the moment, so the order in which events arrive makes no difference.
Whoever is silent for long enough is at risk, then lost, whatever they bought. Everybody else is loyal with enough
orders in the window that counts, activated with one order ever, and new before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .measures import Measures

DAY_MS = 86_400_000
STAGES = ("new", "activated", "loyal", "at_risk", "lost")


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage, since when, and the next moment at which time alone may change it; all in milliseconds."""

    stage: str
    since_ms: int
    next_ms: int | None


def standing(came_ms: int, seen: Sequence[int], orders: Sequence[int], now_ms: int, measures: Measures) -> Standing:
    """Where somebody stands who came at ``came_ms``, was ``seen`` and ordered at these moments (each ascending).

    Coming is a sign of life too, unless they were seen before: then it was only us who got to know them.
    """
    life = list(seen) if seen and seen[0] < came_ms else [came_ms, *seen]
    silence = round(measures.at_risk_days * DAY_MS)
    lost = round(measures.lost_days * DAY_MS)
    window = round(measures.loyal_days * DAY_MS)

    def stage_at(moment: int) -> str:
        place = bisect_right(life, moment)
        silent = moment - life[place - 1] if place else 0
        if silent >= silence:
            return "lost" if silent >= lost else "at_risk"
        so_far = bisect_right(orders, moment)
        if so_far - bisect_right(orders, moment - window) >= measures.loyal_orders:
            return "loyal"
        return "activated" if so_far else "new"

    turns = {life[0], *orders, *(at + window for at in orders), life[-1] + silence, life[-1] + lost}
    for at, after in pairwise(life):
        if after - at >= silence:
            turns |= {turn for turn in (at + silence, at + lost, after) if turn <= after}
    stage, since = stage_at(now_ms), min(life[0], now_ms)
    for turn in sorted((turn for turn in turns if turn <= now_ms), reverse=True):
        if stage_at(turn) != stage:
            break
        since = turn
    return Standing(stage, since, min((turn for turn in turns if turn > now_ms), default=None))
