"""The gate's questions about one message, in the order they are asked. Each says what stands against it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...storage.consents import GRANTED
from ...storage.handover import Facts
from ...storage.suppressions import ERASED
from .caps import asked_for
from .gate_words import consent_words, medium_word, setback_words, until_words
from .hours import Opening, spread
from .rules import WEEK_MS, Rules

if TYPE_CHECKING:
    from .gate import Terms


class Alike(NamedTuple):
    """What messages of one sort have in common: a class, a way to be judged, much of what is written down."""

    rank: int
    people: bool  # they go to people, not to systems and colleagues of ours
    loud: bool  # they disturb them
    counts: bool  # caps or cool-downs concern them
    wishes: bool  # a wish for so many a week would concern them
    patience_ms: int
    asked: Sequence[Ask]
    usually: Sequence[Ask]  # of those of whom nothing unusual is known
    inputs: Mapping[str, Any]


class Asking(NamedTuple):
    """One message, the moment it is judged at, and by what rules."""

    of: Facts
    under: Terms
    at_ms: int
    rules: Rules
    rank: int
    shared: Alike
    counts: bool  # caps, cool-downs or a wish concern it
    last_ms: int  # until when it may wait
    seen_ms: int  # their last sign of life


class Refusal(NamedTuple):
    """Something stands against it: for ever, or (``later``) until a moment, which may not be known."""

    rule: str
    reason: str
    outcome: str = "skipped"
    later: bool = False
    until_ms: int | None = None


Ask = Callable[[Asking], Refusal | None]


class Asked(NamedTuple):
    """A question, and whom it concerns: by whether it goes to people, disturbs them, and is owed to them.

    A ``rare`` one has nothing against anybody of whom nothing unusual is known: see `is_usual`.
    """

    code: str
    title: str
    ask: Ask
    concerns: Callable[[bool, bool, bool], bool]
    rare: bool = False


def is_usual(of: Facts) -> bool:
    """Whether they are neither erased nor suppressed, said no STOP, wished for nothing, and nothing went wrong."""
    return not (of.erased or of.suppressed is not None or of.barred or of.paused_until or of.per_week or of.setbacks)


def _erased(asking: Asking) -> Refusal | None:
    return Refusal("erased", "The contact was erased.", "blocked") if asking.of.erased else None


def _address(asking: Asking) -> Refusal | None:
    if asking.of.address is None or (asking.of.address == "" and asking.rules.asks_address(asking.of.channel)):
        return Refusal("no_address", "The contact has no address for this channel.", "no_address")
    return None


def _suppressed(asking: Asking) -> Refusal | None:
    why = asking.of.suppressed
    if why is None or (why == ERASED and asking.under.transactional):
        return None
    return Refusal("suppressed", f"The address is suppressed: {why}", "blocked")


def _stopped(asking: Asking) -> Refusal | None:
    ours = asking.rules.senders.get(asking.of.channel)
    if not ours or not ours <= asking.of.barred:
        return None
    word = medium_word(asking.rules.media, asking.of.channel)
    return Refusal("stopped", f"The contact said STOP to every number we send a {word} from.", "blocked")


def _consent(asking: Asking) -> Refusal | None:
    word = asking.of.consents.get(asking.under.topic)
    if word == GRANTED:
        return None
    return Refusal("no_consent", consent_words(word, asking), "no_consent")


def _pause(asking: Asking) -> Refusal | None:
    until_ms = asking.of.paused_until
    if until_ms is None or until_ms <= asking.at_ms:
        return None
    reason = f"The contact asked for a pause, until {until_words(until_ms, asking)}."
    return Refusal("pause", reason, later=True, until_ms=until_ms)


def _frequency(asking: Asking) -> Refusal | None:
    most = asking.of.per_week
    if not most or len(had := asked_for(asking.of, asking.at_ms, asking.rules)) < most:
        return None
    until_ms = had[len(had) - most] + WEEK_MS
    reason = f"The contact has had as many messages this week as they asked for, until {until_words(until_ms, asking)}."
    return Refusal("frequency", reason, "capped", later=True, until_ms=until_ms)


def _silence(asking: Asking) -> Refusal | None:
    why = asking.rules.silence.refuses(asking.seen_ms, asking.under.calls_back, asking.at_ms)
    return Refusal("silence", why) if why else None


def _setback(asking: Asking) -> Refusal | None:
    found: Refusal | None = None
    conduct = asking.rules.policy.behaviour
    for kind, channel, at in asking.of.setbacks:
        if kind == "bounce":
            until_ms = at + conduct.after_bounce if channel == asking.of.channel else 0
        else:
            until_ms = at + (conduct.after_complaint if kind == "complaint" else conduct.after_negative_reply)
        if until_ms > asking.at_ms and (found is None or until_ms > (found.until_ms or 0)):
            found = Refusal(kind, setback_words(kind, at, until_ms, asking), later=True, until_ms=until_ms)
    return found


def _journey(asking: Asking) -> Refusal | None:
    of = asking.of
    if of.journey_status == "paused":
        return Refusal("journey_paused", "The journey is paused.", later=True)
    if not of.in_journey:
        return Refusal("left", "The contact left the journey.")
    if of.content_hash is None or of.approved_hash != of.content_hash:
        return Refusal("unapproved", "This version of the journey is not approved.")
    if not asking.under.intact:
        return Refusal("unapproved", "The content of this version is not the content that was approved.")
    return None


def _expired(asking: Asking) -> Refusal | None:
    if asking.at_ms <= asking.last_ms:
        return None
    return Refusal("expired", "It has waited longer than a message of its class may.", "expired")


def _hours(asking: Asking) -> Refusal | None:
    if not asking.rules.timed:
        return None
    return next(iter(out_of_hours([asking]).values()), None)


def out_of_hours(askings: Sequence[Asking]) -> dict[int, Refusal]:
    """Those for which it is no good time of day, by their place: all who wait for one opening are told at once."""
    openings: dict[tuple[object, ...], Opening | None] = {}
    waiting: dict[tuple[int, str], tuple[Opening, list[int]]] = {}
    for index, asking in enumerate(askings):
        of, rules, at_ms, rank = asking.of, asking.rules, asking.at_ms, asking.rank
        place, channel = rules.place(of), of.channel
        key = id(place), channel, rank, at_ms
        if key in openings:
            opening = openings[key]
        else:
            opening = openings[key] = rules.timetable.opening(at_ms, place, channel, rank)
        if opening is not None:
            waiting.setdefault((id(opening), channel), (opening, []))[1].append(index)
    found: dict[int, Refusal] = {}
    for (_, channel), (opening, those) in waiting.items():
        rule = "quiet_hours" if opening.quiet else "working_hours"
        why = askings[those[0]].rules.why(opening, channel)
        who = [askings[index].of.contact_id for index in those]
        moments = spread(who, opening.opens_ms, opening.closes_ms, opening.spread_minutes)
        for index, until_ms in zip(those, moments, strict=True):
            found[index] = Refusal(rule, why, "skipped", True, until_ms)
    return found


def _everybody(people: bool, loud: bool, owed: bool) -> bool:
    return True


def _people(people: bool, loud: bool, owed: bool) -> bool:
    return people


def _marketing(people: bool, loud: bool, owed: bool) -> bool:
    return people and not owed


def _loud(people: bool, loud: bool, owed: bool) -> bool:
    return loud


def _loud_marketing(people: bool, loud: bool, owed: bool) -> bool:
    return loud and not owed


QUESTIONS = (
    Asked("erased", "Are they still with us?", _erased, _everybody, rare=True),
    Asked("no_address", "Is there an address?", _address, _everybody),
    Asked("suppressed", "Is the address left alone?", _suppressed, _people, rare=True),
    Asked("stopped", "Did they say STOP to the sender?", _stopped, _people, rare=True),
    Asked("no_consent", "Did they agree to it?", _consent, _marketing),
    Asked("pause", "Did they ask for a pause?", _pause, _marketing, rare=True),
    Asked("frequency", "Did they get as many this week as they asked for?", _frequency, _loud_marketing, rare=True),
    Asked("silence", "Were they seen lately?", _silence, _marketing),
    Asked("setback", "Did they complain, or did something bounce?", _setback, _marketing, rare=True),
    Asked("journey", "Does the journey run, are they in it, is it approved?", _journey, _everybody),
    Asked("expired", "Is it still in time?", _expired, _everybody),
    Asked("hours", "Is it a good time of day where they live?", _hours, _loud),
)
