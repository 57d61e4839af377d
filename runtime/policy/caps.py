"""Is there a place under the caps: counted on what went to somebody, and on what goes before this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from ...nodes.zones import first_instant, zone
from ...storage.handover import Facts
from ...storage.touches import Had
from .policy import Cap
from .rules import DAY_MS, WEEK_MS, Rules


@dataclass(frozen=True, slots=True)
class Going:
    """A message that goes before others of the same contact, soon or in this very moment."""

    at_ms: int
    had: Had
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
    for cap in rules.caps(of.channel, topic, rank):
        most = cap.allowed(of.figures)
        had = _within(cap, of, at_ms, rules)
        places = _places(had) if rules.policy.fallback.counts_once else [one.at for one in had]
        counts[cap.name] = [len(places), most]
        if of.turn and rules.policy.fallback.counts_once and any(_chain(one) == _chain(of) for one in had):
            continue  # its place was taken by the beginning of the chain
        ahead = [one for one in before if cap.name in rules.names(one.had.channel, one.had.topic, one.had.rank)]
        if (full := _full("cap", cap, places, most, ahead)) is not None:
            found.append(full if full.free_ms is None else full._replace(free_ms=_leaves(cap, full.free_ms, of, rules)))
    if rank > 0:
        found += _wish(of, at_ms, rules, before)
        found += _cooling(of, at_ms, rules, before)
    return found, counts


def asked_for(of: Facts, at_ms: int, rules: Rules) -> list[int]:
    """The moments of what counts against a wish for so many a week, the oldest first."""
    after_ms = at_ms - WEEK_MS
    return [had.at for had in of.had if had.rank > 0 and had.at > after_ms and not rules.is_silent(had.channel)]


def _wish(of: Facts, at_ms: int, rules: Rules, before: Sequence[Going]) -> list[Full]:
    if not of.per_week or rules.is_silent(of.channel):
        return []
    ahead = [one for one in before if one.had.rank > 0 and not rules.is_silent(one.had.channel)]
    full = _full("frequency", None, asked_for(of, at_ms, rules), of.per_week, ahead)
    if full is None:
        return []
    return [full if full.free_ms is None else full._replace(free_ms=full.free_ms + WEEK_MS)]


def _cooling(of: Facts, at_ms: int, rules: Rules, before: Sequence[Going]) -> list[Full]:
    span = rules.policy.cool_down.get(of.channel, 0)
    if not span:
        return []
    last = [had.at for had in of.had if had.channel == of.channel and had.at > at_ms - span][-1:]
    full = _full("cool_down", None, last, 1, [one for one in before if one.had.channel == of.channel])
    if full is None:
        return []
    return [full if full.free_ms is None else full._replace(free_ms=full.free_ms + span)]


def _full(rule: str, cap: Cap | None, places: Sequence[int], most: int, ahead: Sequence[Going]) -> Full | None:
    """``free_ms`` of the answer is when the place was taken that comes free first of all that have to."""
    if len(places) >= most:
        return Full(rule, cap, len(places), most, places[len(places) - most] if most else None)
    if len(places) + len(ahead) >= most:
        return Full(rule, cap, len(places) + len(ahead), most, None, ahead[0])
    return None


def _within(cap: Cap, of: Facts, at_ms: int, rules: Rules) -> Sequence[Had]:
    """What a cap counts of what somebody had."""
    if not of.had:
        return ()
    if cap.window == "calendar":
        after_ms = opened(rules.place(of).zone, at_ms, cap.per) - 1
    else:
        after_ms = at_ms - cap.per
    return [had for had in of.had if had.at > after_ms and cap.name in rules.names(had.channel, had.topic, had.rank)]


def _places(had: Sequence[Had]) -> list[int]:
    """The moments of the places taken, the oldest first; a chain is one place, as long as any of it counts."""
    return sorted({_chain(one): one.at for one in had}.values())


def _chain(of: Facts | Had) -> tuple[int, int, int]:
    """What the forms of one message have in common: the stay, the step, and when they came to it."""
    return of.enrollment_id, of.node, of.arrived_at


def _leaves(cap: Cap, at_ms: int, of: Facts, rules: Rules) -> int:
    """When what was at a moment counts no more."""
    if cap.window == "rolling":
        return at_ms + cap.per
    return opened(rules.place(of).zone, at_ms, cap.per, 1)


@lru_cache(maxsize=8192)
def _first(zone_name: str, day: int) -> int:
    where = zone(zone_name)
    assert where is not None
    return first_instant(datetime.fromordinal(day).date(), time(), where)


def opened(zone_name: str, at_ms: int, per_ms: int, later: int = 0) -> int:
    """When the day (or the week, from Monday) began in which a moment lies there; or one ``later``."""
    where = zone(zone_name)
    assert where is not None
    day = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(where).date()
    length = per_ms // DAY_MS
    begin = day - timedelta(days=day.weekday()) if length == 7 else day
    return _first(zone_name, begin.toordinal() + later * length)
