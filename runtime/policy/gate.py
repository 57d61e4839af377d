"""May these messages be handed over now? One order of questions, the same for every channel; pure over the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...storage.consents import TOPIC
from ...storage.handover import Facts
from ...storage.touches import Had
from .caps import Full, Going, in_the_way
from .gate_questions import QUESTIONS, Asking, Refusal
from .gate_words import full_words, until_words
from .priority import effective, higher, order
from .room import Room
from .rules import ENGAGEMENT, Rules

PAUSE_MS = 60_000  # how long a message is left alone whose time is not known: its journey is on pause
KEPT_MS, LOOK_MS = 60_000, 600_000  # after a message that goes first, and at least so often: it may go away


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version is sent under: fixed with its content, and so by its approval.

    ``transactional``: owed to the contact, whatever they said to marketing. ``intact``: the content still has the
    hash it is filed under. ``calls_back``: it is made for people who have not been seen for long. ``silent``: names
    of messages that show nothing.
    """

    transactional: bool
    topic: str
    intact: bool
    calls_back: bool = False
    silent: frozenset[str] = frozenset()
    kind: str = ""  # the message type, as it is written
    journey: str = ""  # its short name

    @classmethod
    def of(cls, content: Mapping[str, Any], intact: bool) -> Terms:
        """From the content of a version."""
        kind = str(content.get("message_type") or "")
        letters = content.get("letters") or {}
        silent = frozenset(name for name, letter in letters.items() if letter.get("silent") is True)
        topic = content.get("topic") or TOPIC
        journey = str(content.get("name") or "")
        return cls(kind == "transactional", topic, intact, kind == "reengagement", silent, kind, journey)


class Verdict(NamedTuple):
    """The gate's answer: go, defer or skip, why, and what it knew. ``until_ms``: deferred until then, if known.
    A fourth answer is release: not by this account, to be asked about again at once.

    ``outcome`` is what the step that sent it is told of one that never goes: no_address, blocked, no_consent, capped,
    expired, other_way, leave, or skipped.
    """

    answer: str
    reason: str
    inputs: dict[str, Any]
    until_ms: int | None = None
    outcome: str | None = None

    @property
    def go(self) -> bool:
        """True when the message may be handed over."""
        return self.answer == "go"

    @property
    def rule(self) -> str:
        """What decided, in one word."""
        return self.inputs.get("rule", "")


class Question(NamedTuple):
    """One question of the gate and its answer; None: nothing against it."""

    code: str
    title: str
    verdict: Verdict | None


def decide(
    facts: Sequence[Facts], terms: Sequence[Terms], now_ms: int, rules: Rules, asked: int | None = None
) -> list[Verdict]:
    """Answer for every message; the first ``asked`` are about to go, the others only stand beside them. The columns are
    aligned.

    Messages of one contact are settled among each other: give the open ones that may go before a message along with
    it. One that is not due yet is judged at the moment it is.
    """
    found: list[Verdict] = [NOTHING] * len(facts)
    rules.here.clear()
    askings = [_asking(of, under, now_ms, rules) for of, under in zip(facts, terms, strict=True)]
    for index in sorted(range(len(facts)), key=lambda index: facts[index].due_at > now_ms):  # all of now at once
        found[index] = _alone(askings[index])
    groups: dict[int, list[int]] = {}
    for index, asking in enumerate(askings):
        if asking.counts:
            groups.setdefault(facts[index].contact_id, []).append(index)
    for group in groups.values():
        _among_each_other(group, askings, found, now_ms)
    if rules.room is not None:
        _into(rules.room, askings[:asked], found)
    return found


def questions(of: Facts, under: Terms, now_ms: int, rules: Rules) -> list[Question]:
    """Every question about one message in order, each asked, whatever the others say."""
    rules.here.clear()
    asking = _asking(of, under, now_ms, rules)
    found = []
    for question in QUESTIONS:
        refusal = question.ask(asking) if question.concerns(asking) else None
        found.append(Question(question.code, question.title, refusal and _refused(asking, refusal)))
    fulls = in_the_way(of, under.topic, asking.rank, asking.at_ms, rules, ())[0] if asking.counts else []
    found.append(
        Question(
            "cap", "Is there a place under the caps?", _full(asking, fulls, _inputs(asking, "cap")) if fulls else None
        )
    )
    full = rules.room.refuses(asking) if rules.room is not None else None
    found.append(
        Question("room", "Does the sender's warm-up have room, and do letters go to the provider?",
                 full and _refused(asking, full))
    )  # fmt: skip
    return found


def _asking(of: Facts, under: Terms, now_ms: int, rules: Rules) -> Asking:
    rank = effective(of, under.transactional)
    people, silent = rules.reach(of.channel)
    loud = people and of.content not in under.silent
    counts = loud and (rules.counts or (bool(of.per_week) and rank > 0))
    at_ms = now_ms if of.due_at <= now_ms else of.due_at
    last_ms = of.queued_at + rules.patience_ms[rank]
    return Asking(of, under, at_ms, rules, rank, people, loud and not silent, counts, last_ms, of.seen_at)


def _alone(asking: Asking) -> Verdict:
    """What stands against a message whatever else waits."""
    key = (asking.people, asking.loud, asking.under.transactional)
    asks = _ASKS.get(key)
    if asks is None:
        asks = _ASKS[key] = tuple(question.ask for question in QUESTIONS if question.concerns(asking))
    for ask in asks:
        refusal = ask(asking)
        if refusal is not None:
            return _refused(asking, refusal)
    return Verdict("go", "Nothing stands against it.", _inputs(asking, "go"))


def _refused(asking: Asking, refusal: Refusal) -> Verdict:
    inputs = _inputs(asking, refusal.rule)
    if not refusal.later:
        return Verdict("skip", refusal.reason, inputs, None, refusal.outcome)
    until_ms = refusal.until_ms
    if until_ms is None:
        return Verdict("defer", refusal.reason, inputs)
    inputs["until"] = until_ms
    if until_ms > asking.last_ms:
        return Verdict("skip", f"{refusal.reason[:-1]}: longer than this message may wait.", inputs, None, "expired")
    return Verdict("defer", refusal.reason, inputs, until_ms)


def _among_each_other(group: list[int], askings: list[Asking], found: list[Verdict], now_ms: int) -> None:
    """Give out the places to the messages of one contact, the first in order first."""
    going: list[Going] = []
    alone = len(group) == 1
    if not alone:
        group.sort(key=lambda index: order(askings[index].of, askings[index].rank))
    for index in group:
        asking, verdict = askings[index], found[index]
        at_ms = asking.at_ms if verdict.go else verdict.until_ms
        if at_ms is None or verdict.answer == "skip":
            continue
        of, mine = asking.of, order(asking.of, asking.rank)
        if verdict.go:
            before = [one for one in going if one.at_ms <= now_ms or higher(one.order, mine)] if going else going
            fulls, counts = in_the_way(of, asking.under.topic, asking.rank, at_ms, asking.rules, before)
            if counts:
                verdict.inputs["caps"] = counts
            if fulls:
                found[index] = _full(asking, fulls, verdict.inputs)
                continue
        if alone:
            return
        rules = asking.rules
        soon = at_ms <= now_ms + rules.policy.reserve
        if (verdict.go or soon) and (rules.open_to is None or of.channel in rules.open_to):
            had = Had(at_ms, of.channel, asking.under.topic, asking.rank, of.enrollment_id, of.node, 0, of.message_id)
            going.append(Going(at_ms, had, mine))


def _full(asking: Asking, fulls: list[Full], inputs: dict[str, Any]) -> Verdict:
    """The answer where there is no place: later, when there is one, or what the rule says; goes on with ``inputs``."""
    final = next((full for full in fulls if _is_final(full)), None)
    decisive = final or max(fulls, key=lambda full: _free(full, asking.at_ms))
    inputs["rule"] = "reserve" if decisive.kept_for else decisive.rule
    if decisive.cap is not None:
        inputs["name"] = decisive.cap.name
    if decisive.kept_for is not None:
        inputs["kept_for"] = decisive.kept_for.had.message_id
    inputs["count"], inputs["most"] = decisive.taken, decisive.most
    words = full_words(asking, decisive)
    if final is not None:
        outcome = "capped" if final.cap is None or final.cap.when_hit in ("defer", "skip") else final.cap.when_hit
        return Verdict("skip", f"{words}.", inputs, None, outcome)
    until_ms = _free(decisive, asking.at_ms)
    waits = [asking.rules.patience_ms[asking.rank], *(full.cap.defer_at_most for full in fulls if full.cap is not None)]
    last_ms = asking.of.queued_at + min(waits)
    if until_ms > last_ms:
        when = "" if decisive.kept_for else f", until {until_words(until_ms, asking)}"
        return Verdict("skip", f"{words}{when}: longer than this message may wait.", inputs, None, "capped")
    if decisive.kept_for:
        return Verdict("defer", f"{words}.", inputs, until_ms)
    inputs["until"] = until_ms
    return Verdict("defer", f"{words}, until {until_words(until_ms, asking)}.", inputs, until_ms)


def _into(room: Room, askings: Sequence[Asking], found: list[Verdict]) -> None:
    """Give out what is left of today: to the better class first, then to those who read most."""

    def rank(index: int) -> tuple[int, int, int, int]:
        asking = askings[index]
        return asking.rank, -(asking.of.figures.get(ENGAGEMENT) or 0), asking.of.due_at, asking.of.message_id

    for index in sorted((index for index in range(len(askings)) if found[index].go), key=rank):
        asking = askings[index]
        known = room.inputs(asking)
        refusal = room.refuses(asking)
        if refusal is None:
            room.take(asking.of)
        elif room.elsewhere(asking):
            found[index] = Verdict("release", refusal.reason, found[index].inputs)
        else:
            found[index] = _refused(asking, refusal)
        found[index].inputs.update(known)


def _is_final(full: Full) -> bool:
    if full.kept_for is not None:
        return False
    return full.free_ms is None or (full.cap is not None and full.cap.when_hit != "defer")


def _free(full: Full, at_ms: int) -> int:
    """When to ask again: soon, where the place is only kept for a message that may yet go away."""
    if full.kept_for is None:
        return full.free_ms or 0
    return min(max(full.kept_for.at_ms, at_ms) + KEPT_MS, at_ms + LOOK_MS)


def _inputs(asking: Asking, rule: str) -> dict[str, Any]:
    of, under = asking.of, asking.under
    return {
        "rule": rule,
        "address": of.address is not None,
        "suppressed": of.suppressed,
        "consent": of.consents.get(under.topic) or "unknown",
        "topic": under.topic,
        "type": "transactional" if under.transactional else "marketing",
        "rank": asking.rank,
        "weight": of.weight,
        "legal_basis": of.legal_basis or ("contract" if under.transactional else "consent"),
        "paused_until": of.paused_until,
        "per_week": of.per_week,
        "seen": asking.seen_ms,
        "journey": of.journey_status,
        "in_journey": of.in_journey,
        "version": of.version_id,
        "content_hash": of.content_hash,
        "at": asking.at_ms,
    }


NOTHING = Verdict("go", "", {})
_ASKS: dict[
    tuple[bool, bool, bool], tuple[Callable[[Asking], Refusal | None], ...]
] = {}  # whom which questions concern
