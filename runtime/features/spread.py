"""What the page about figures shows: how each is spread, how far the work is, what other limits would make of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from ...storage import feature_history, feature_views, features
from ...storage.database import Tx
from ..feature_catalogue import FEATURES, STAGE_WORDS, Feature
from . import marks
from .history import histories
from .lifecycle import DAY_MS, STAGES, standing
from .measures import Measures

TOP = 7  # values of a text
EDGES: Mapping[str, tuple[float, ...]] = {
    "orders": (1, 2, 3, 5, 10),
    "revenue": (0.01, 50, 100, 250, 500, 1_000),
    "refunded": (0.01, 50, 100, 250, 500),
    "average_order": (25, 50, 100, 200, 400),
    "order_interval_days": (7, 14, 30, 60, 90),
    "engagement": (1, 10, 25, 50, 75),
    "r": (2, 3, 4, 5),
    "f": (2, 3, 4, 5),
    "m": (2, 3, 4, 5),
    "revenue_tenth": (2, 3, 4, 5, 6, 7, 8, 9, 10),
}
AGO_DAYS = (7, 30, 90, 180, 365)
PAGE, SECONDS = 500, 1.0


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread: ``parts`` are names with numbers of people; ``known`` is how many have it."""

    parts: list[tuple[str, int]]
    known: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page shows. ``filling`` is how far the round through everybody is, from 0 to 1; None when done."""

    people: int
    spreads: dict[str, Spread]
    stages: dict[str, int]
    filling: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """How many would stand in each stage, counted on ``seen`` of ``total`` people and scaled up to all."""

    stages: dict[str, int]
    seen: int
    total: int


def overview(tx: Tx, now_ms: int) -> Overview:
    """How every figure is spread now."""
    people = feature_views.counted(tx)
    spreads = {each.name: _spread(tx, each, people, now_ms) for each in FEATURES if not each.virtual}
    stages = {str(stage): n for stage, n in feature_views.values(tx, "stage", len(STAGES))}
    known = marks.load(tx)
    fill = known.fill if known else {"after": 0, "upto": 1}
    filling = None if fill is None else fill["after"] / max(fill["upto"], 1)
    return Overview(people, spreads, {stage: stages.get(stage, 0) for stage in STAGES}, filling)


def preview(tx: Tx, measures: Measures, now_ms: int, seconds: float = SECONDS) -> Preview:
    """Stages under other limits, of pages of people drawn by chance for as long as the time lasts."""
    total, highest = feature_views.counted(tx), features.newest(tx)[1]
    starts = list(range(0, highest, PAGE))
    random.Random(highest).shuffle(starts)
    until, found = time.monotonic() + seconds, Counter[str]()
    for start in starts:
        contacts = features.came(tx, start, start + PAGE, PAGE)
        living = feature_history.living(tx, contacts)
        events = feature_history.events(tx, contacts, measures.telling)
        known = histories(living, events, feature_history.letters(tx, contacts), measures)
        for one in known.values():
            found[standing(one.came_ms, one.seen, [at for at, _ in one.orders], now_ms, measures).stage] += 1
        if time.monotonic() > until:
            break
    seen = found.total()
    share = 1 if seen >= total else total / max(seen, 1)
    return Preview({stage: round(found[stage] * share) for stage in STAGES}, seen, max(total, seen))


def _spread(tx: Tx, feature: Feature, people: int, now_ms: int) -> Spread:
    if feature.type == "text":
        found = feature_views.values(tx, feature.name, TOP + 1)
        named = [(STAGE_WORDS.get(value, value), n) for value, n in found if value is not None][:TOP]
        missing = next((n for value, n in found if value is None), 0)
        known = people - missing
        rest = known - sum(n for _, n in named)
        return Spread([*named, ("Others", rest)] if rest > 0 else named, known)
    if feature.type == "moment":
        edges = [now_ms - days * DAY_MS for days in reversed(AGO_DAYS)]
        found, missing = feature_views.buckets(tx, feature.name, edges)
        names = [f"up to {AGO_DAYS[0]} days"]
        names += [f"{low} to {high} days" for low, high in pairwise(AGO_DAYS)]
        return Spread(list(zip([*names, f"over {AGO_DAYS[-1]} days"], reversed(found), strict=True)), people - missing)
    edges = EDGES[feature.name]
    found, missing = feature_views.buckets(tx, feature.name, edges)
    return Spread(list(zip(_between(feature, edges), found, strict=True)), people - missing)


def _between(feature: Feature, edges: tuple[float, ...]) -> list[str]:
    """The names of the parts: whole numbers as they are, money and days as from and to."""
    whole = feature.unit in ("orders", "points, 0 to 100") or feature.unit.startswith("1 to")
    names = ["none" if edges[0] in (0.01, 1) else _to(1 if whole else 0, edges[0], whole)]
    names += [_to(low, high, whole) for low, high in pairwise(edges)]
    top = feature.unit.rpartition(" ")[2] if feature.unit.startswith("1 to") else ""
    return [*names, top or f"{edges[-1]:g} or more"]


def _to(low: float, high: float, whole: bool) -> str:
    if not whole:
        return f"{0 if low < 1 else low:g} to {high:g}"
    return f"{low:g}" if high == low + 1 else f"{low:g} to {high - 1:g}"
