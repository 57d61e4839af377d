"""Is there a place under the caps: counted on what went to somebody, and on what goes before this one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from ...nodes.zones import first_instant, zone
from ...storage.handover import Facts
from ...storage.touches import AT, CHAIN, CHANNEL, KIND, RANK, Had
from .policy import Cap
from .rules import DAY_MS, WEEK_MS, Rules


class Going(NamedTuple):
    """A message that goes before others of the same contact, soon or in this very moment."""

    at_ms: int
    kind: tuple[str, str, int]  # channel, topic, rank
    message_id: int
    order: tuple[int, int, int, int]


class Full(NamedTuple):
    """There is no place. ``free_ms``: when one comes free; None: never, or it is only kept for another message."""

    rule: str  # cap, cool_down, frequency
    cap: Cap | None
    taken: int
    most: int
    free_ms: int | None
    kept_for: Going | None = None


def in_the_way(
    of: Facts, topic: str, rank: int, at_ms: int, rules: Rules, before: Sequence[Going]
) -> tuple[list[Full], dict[str, list[int]]]:
    """Every rule that has no place for this message at a moment, and for each cap how many count and how many may.

    ``before``: what goes first.
    """
    found: list[Full] = []
    counts: dict[str, list[int]] = {}
    chained, held = rules.chained, rules.held
    named = [(one[AT], held[one[KIND]]) for one in of.had]
    for cap, name, fixed, per_ms, calendar in rules.caps(of.channel, topic, rank):
        after_ms = opened(rules.place(of).zone, at_ms, per_ms) - 1 if calendar else at_ms - per_ms
        most = cap.allowed(of.figures) if fixed is None else fixed
        taken = 0
        if chained:
            had = [one for one in of.had if one[AT] > after_ms and name in held[one[KIND]]]
            places = _places(had)
            taken = len(places)
            if of.turn and _chain(of) in [one[CHAIN] for one in had]:
                counts[name] = [taken, most]
                continue  # its place was taken by the beginning of the chain
        else:
            places = None
            for at, under in named:
                if at > after_ms and name in under:
                    taken += 1
        counts[name] = [taken, most]
        if taken + len(before) < most:
            continue
        if taken < most:
            ahead = [one for one in before if name in held[one.kind]]
            if taken + len(ahead) >= most:
                found.append(Full("cap", cap, taken + len(ahead), most, None, ahead[0]))
            continue
        if places is None:
            places = [at for at, under in named if at > after_ms and name in under]
        last_ms = places[taken - most] if most else 0  # the one whose place comes free last of those that have to
        free_ms = opened(rules.place(of).zone, last_ms, per_ms, 1) if calendar else last_ms + per_ms
        found.append(Full("cap", cap, taken, most, free_ms if most else None))
    if rank > 0:
        if of.per_week:
            found += _wish(of, at_ms, rules, before)
        if of.channel in rules.policy.cool_down:
            found += _cooling(of, at_ms, rules, before)
    return found, counts


def asked_for(of: Facts, at_ms: int, rules: Rules) -> list[int]:
    """The moments of what counts against a wish for so many a week, the oldest first."""
    after_ms = at_ms - WEEK_MS
    return [one[AT] for one in of.had if one[RANK] > 0 and one[AT] > after_ms and not rules.is_silent(one[CHANNEL])]


def _wish(of: Facts, at_ms: int, rules: Rules, before: Sequence[Going]) -> list[Full]:
    assert of.per_week
    if rules.is_silent(of.channel):
        return []
    ahead = [one for one in before if one.kind[2] > 0 and not rules.is_silent(one.kind[0])]
    return _full("frequency", asked_for(of, at_ms, rules), of.per_week, WEEK_MS, ahead)


def _cooling(of: Facts, at_ms: int, rules: Rules, before: Sequence[Going]) -> list[Full]:
    span = rules.policy.cool_down[of.channel]
    last = [one[AT] for one in of.had if one[CHANNEL] == of.channel and one[AT] > at_ms - span][-1:]
    return _full("cool_down", last, 1, span, [one for one in before if one.kind[0] == of.channel])


def _full(rule: str, places: Sequence[int], most: int, per_ms: int, ahead: Sequence[Going]) -> list[Full]:
    if len(places) >= most:
        return [Full(rule, None, len(places), most, places[len(places) - most] + per_ms)]
    if len(places) + len(ahead) >= most:
        return [Full(rule, None, len(places) + len(ahead), most, None, ahead[0])]
    return []


def _places(had: Sequence[Had]) -> list[int]:
    """The moments of the places taken, the oldest first; a chain is one place, as long as any of it counts."""
    return sorted({one[CHAIN]: one[AT] for one in had}.values())


def _chain(of: Facts) -> tuple[int, ...]:
    """What the forms of one message have in common: the stay, the step, and when they came to it."""
    return of.enrollment_id, of.node, of.arrived_at


@lru_cache(maxsize=32_768)
def _opened(zone_name: str, minute: int, length: int, later: int) -> int:
    where = zone(zone_name)
    assert where is not None
    day = datetime.fromtimestamp(minute * 60, UTC).astimezone(where).date()
    first = day - timedelta(days=day.weekday()) if length == 7 else day
    return first_instant(first + timedelta(days=later * length), time(), where)


def opened(zone_name: str, at_ms: int, per_ms: int, later: int = 0) -> int:
    """When the day (or the week, from Monday) began in which a moment lies there; or one ``later``."""
    return _opened(zone_name, at_ms // 60_000, per_ms // DAY_MS, later)
