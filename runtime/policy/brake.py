"""Stops a journey that drives people away: it pauses, says why on every page, and waits for a person's word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import sqrt
from typing import Any

from ...storage import journeys, setbacks, settings
from ...storage.columns import dump
from ...storage.database import Tx
from ...storage.journeys import Journey
from ...storage.setbacks import Toll
from .. import notices
from ..governance import versions
from .in_force import current
from .policy import Brake

KEY = "braked"  # in the settings: by journey, when it was stopped last and why
SURE = 1.6449  # standard deviations: 95 % on one side
ACTOR = "the brake"
WORDS = {"unsubscribes": "unsubscribing", "complaints": "a complaint"}


@dataclass(frozen=True, slots=True)
class Braked:
    """A journey that was stopped: that it was, and why, as sentences."""

    journey_id: int
    name: str
    title: str
    sentence: str


def at_least(part: int, whole: int, sure: float = SURE) -> float:
    """The rate that is surely exceeded, by Wilson's interval: ``part`` of ``whole``, from 0 to 1.

    The naive rate of 2 in 40 is 5 %, but says only that it is more than 1.6 %. Wilson (1927),
    doi:10.1080/01621459.1927.10502953.
    """
    if whole <= 0 or part <= 0:
        return 0.0
    rate, square = part / whole, sure * sure
    middle = rate + square / (2 * whole)
    spread = sure * sqrt(rate * (1 - rate) / whole + square / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + square / whole))


def why(rules: Brake, toll: Toll) -> tuple[str, int, float, float] | None:
    """What is too much: which rate, how many, what it surely is, what is allowed; None when all is well."""
    if toll.sent < rules.at_least:
        return None
    for name in WORDS:
        allowed, count = getattr(rules, name), getattr(toll, name)
        if allowed is not None and (surely := at_least(min(count, toll.sent), toll.sent)) > allowed:
            return name, count, surely, allowed
    return None


def suspects(tx: Tx, now_ms: int) -> list[int]:
    """The live journeys that have to be stopped. Counting what they sent takes long: ask it outside of any writing."""
    rules, known = current(tx).brake, stopped(tx)
    if rules.unsubscribes is None and rules.complaints is None:
        return []
    live = [one.id for one in journeys.journeys(tx) if one.status == "live" and one.id]
    began = {one: _since(rules, known, one, now_ms) for one in setbacks.journeys_with(tx, live, now_ms - rules.over)}
    return [one for one, since in began.items() if _may_be(tx, rules, one, since) and _found(tx, rules, one, since)]


def brake(tx: Tx, now_ms: int, among: Collection[int] | None = None) -> list[Braked]:
    """Stop what has to be stopped now, and keep the notices of what stands still; returns the journeys stopped.

    A journey that was stopped before is judged by what it has sent since: resumed, it does not stop for the old.
    ``among`` are the `suspects`, where they were asked for before.
    """
    rules, known = current(tx).brake, stopped(tx)
    found = suspects(tx, now_ms) if among is None else among
    if not found and not any(entry["open"] for entry in known.values()):
        return []
    every = {str(one.id): one for one in journeys.journeys(tx)}
    done: list[Braked] = []
    before = dump(known)
    for key, entry in known.items():
        entry["open"] = entry["open"] and key in every and every[key].status == "paused"
    for journey_id in found:
        journey = every.get(str(journey_id))
        if journey is None or journey.status != "live":
            continue
        said = _found(tx, rules, journey_id, _since(rules, known, journey_id, now_ms))
        if said is not None:
            sentence = _sentence(*said)
            versions.pause(tx, journey_id, ACTOR, now_ms, sentence)
            known[str(journey_id)] = {"at": now_ms, "why": sentence, "open": True}
            title = f"“{journey.title}” has stopped by itself"
            done.append(Braked(journey_id, journey.name, title, f"{title}. {sentence}"))
    if dump(known) != before:
        settings.store(tx, KEY, known)
    notices.put(tx, "brake", [_notice(every[key], entry["why"]) for key, entry in known.items() if entry["open"]])
    return done


def _since(rules: Brake, known: dict[str, dict[str, Any]], journey_id: int, now_ms: int) -> int:
    return max(now_ms - rules.over, known.get(str(journey_id), {}).get("at", 0))


def _may_be(tx: Tx, rules: Brake, journey_id: int, since: int) -> bool:
    """Whether it were too much if they had sent as little as may be: else there is no need to count what they sent."""
    rates = zip(setbacks.answers(tx, journey_id, since), (rules.unsubscribes, rules.complaints), strict=True)
    return any(
        allowed is not None and at_least(count, max(rules.at_least, count)) > allowed for count, allowed in rates
    )


def _found(tx: Tx, rules: Brake, journey_id: int, since: int) -> tuple[tuple[str, int, float, float], Toll] | None:
    toll = setbacks.toll(tx, journey_id, since)
    found = why(rules, toll)
    return found and (found, toll)


def stopped(tx: Tx) -> dict[str, dict[str, Any]]:
    """By number of a journey: when it stopped by itself the last time (``at``), ``why``, and whether it still stands
    so (``open``)."""
    return dict(settings.fetch(tx, KEY) or {})


def _notice(journey: Journey, sentence: str) -> str:
    title = journey.title.replace("[", "(").replace("]", ")")
    return f"“{title}” has stopped by itself. {sentence} [Look at it and resume it](/journeys/{journey.name})"


def _sentence(found: tuple[str, int, float, float], toll: Toll) -> str:
    name, count, surely, allowed = found
    return (
        f"Of its last {toll.sent} messages {count} were answered by {WORDS[name]}, {count / toll.sent:.1%}: surely "
        f"more than {surely:.1%}, and the policy allows {allowed:.1%}."
    ).replace("%", " %")
