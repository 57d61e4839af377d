"""Stops a journey that drives people away: it pauses, says why on every page, and waits for a person's word."""

from __future__ import annotations

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


def brake(tx: Tx, now_ms: int) -> list[Braked]:
    """Stop what has to be stopped now, and keep the notices of what stands still; returns the journeys stopped.

    A journey that was stopped before is judged by what it has sent since: resumed, it does not stop for the old.
    """
    rules, known = current(tx).brake, stopped(tx)
    asked = rules.unsubscribes is not None or rules.complaints is not None
    if not asked and not any(entry["open"] for entry in known.values()):
        return []
    every = {str(one.id): one for one in journeys.journeys(tx)}
    done: list[Braked] = []
    before = dump(known)
    for key, entry in known.items():
        entry["open"] = entry["open"] and key in every and every[key].status == "paused"
    live = [int(key) for key, one in every.items() if one.status == "live"] if asked else []
    for journey_id in setbacks.journeys_with(tx, live, now_ms - rules.over):
        since = max(now_ms - rules.over, known.get(str(journey_id), {}).get("at", 0))
        toll = setbacks.toll(tx, journey_id, since)
        if found := why(rules, toll):
            journey, sentence = every[str(journey_id)], _sentence(found, toll)
            versions.pause(tx, journey_id, ACTOR, now_ms, sentence)
            known[str(journey_id)] = {"at": now_ms, "why": sentence, "open": True}
            title = f"“{journey.title}” has stopped by itself"
            done.append(Braked(journey_id, journey.name, title, f"{title}. {sentence}"))
    if dump(known) != before:
        settings.store(tx, KEY, known)
    notices.put(tx, "brake", [_notice(every[key], entry["why"]) for key, entry in known.items() if entry["open"]])
    return done


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
