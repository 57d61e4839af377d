"""May these messages be handed over now? One order of questions, the same for every channel; pure over the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...storage.consents import TOPIC
from ...storage.handover import Facts
from .gate_places import no_place, settle
from .gate_questions import QUESTIONS, Alike, Asking, Refusal, is_usual, out_of_hours
from .priority import effective
from .room import Room
from .rules import ENGAGEMENT, Rules
from .verdict import Verdict, let_go, refused, shared_inputs

__all__ = ["PAUSE_MS", "Question", "Terms", "Verdict", "decide", "questions"]

PAUSE_MS = 60_000  # how long a message is left alone whose time is not known: its journey is on pause


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
    rules.here.clear()
    askings = _askings(facts, terms, now_ms, rules)
    found = _each_alone(askings, now_ms, rules)
    settle(askings, found, now_ms)
    if rules.room is not None:
        _into(rules.room, askings[:asked], found)
    return found


def questions(of: Facts, under: Terms, now_ms: int, rules: Rules) -> list[Question]:
    """Every question about one message in order, each asked, whatever the others say."""
    rules.here.clear()
    asking = _askings([of], [under], now_ms, rules)[0]
    found = []
    for question in QUESTIONS:
        refusal = (
            question.ask(asking)
            if question.concerns(asking.shared.people, asking.shared.loud, under.transactional)
            else None
        )
        found.append(Question(question.code, question.title, refusal and refused(asking, refusal)))
    found.append(Question("cap", "Is there a place under the caps?", no_place(asking)))
    full = rules.room.refuses(asking) if rules.room is not None else None
    found.append(
        Question("room", "Does the sender's warm-up have room, and do letters go to the provider?",
                 full and refused(asking, full))
    )  # fmt: skip
    return found


def _askings(facts: Sequence[Facts], terms: Sequence[Terms], now_ms: int, rules: Rules) -> list[Asking]:
    """Each message beside what it has in common with others: that is worked out once for all of them."""
    alike: dict[tuple[object, ...], Alike] = {}
    found: list[Asking] = []
    make = tuple.__new__  # what `Asking` does, without a call of its own for each
    for of, under in zip(facts, terms, strict=True):
        key = id(under), of.version_id, of.channel, of.content, of.rank, of.weight, of.journey_status
        shared = alike.get(key)
        if shared is None:
            shared = alike[key] = _alike(of, under, rules)
        rank = shared.rank
        counts = shared.counts or (shared.wishes and bool(of.per_week))
        at_ms = of.due_at if of.due_at > now_ms else now_ms
        found.append(
            make(Asking, (of, under, at_ms, rules, rank, shared, counts, of.queued_at + shared.patience_ms, of.seen_at))
        )
    return found


def _alike(of: Facts, under: Terms, rules: Rules) -> Alike:
    rank = effective(of, under.transactional)
    people, silent = rules.reach(of.channel)
    disturbs = people and of.content not in under.silent
    loud = disturbs and not silent
    asked = [
        question
        for question in QUESTIONS
        if question.concerns(people, loud, under.transactional) and question.code != "hours"
    ]
    return Alike(
        rank, people, loud, disturbs and rules.counts, disturbs and rank > 0, rules.patience_ms[rank],
        tuple(question.ask for question in asked), tuple(question.ask for question in asked if not question.rare),
        shared_inputs(of, under, rank),
    )  # fmt: skip


def _each_alone(askings: Sequence[Asking], now_ms: int, rules: Rules) -> list[Verdict]:
    """What stands against each message whatever else waits; the hours are asked about for all together."""
    found: list[Verdict] = [NOTHING] * len(askings)
    awake: list[int] = []  # those that only the hours may stand against
    for index, asking in enumerate(askings):
        shared = asking.shared
        for ask in shared.usually if is_usual(asking.of) else shared.asked:
            refusal = ask(asking)
            if refusal is not None:
                found[index] = refused(asking, refusal)
                break
        else:
            awake.append(index)
    closed: dict[int, Refusal] = {}
    if rules.timed:
        loud = [index for index in awake if askings[index].shared.loud]
        loud.sort(key=lambda index: askings[index].at_ms > now_ms)  # all of now at once
        closed = {loud[place]: why for place, why in out_of_hours([askings[index] for index in loud]).items()}
    for index in awake:
        refusal = closed.get(index)
        found[index] = let_go(askings[index]) if refusal is None else refused(askings[index], refusal)
    return found


def _into(room: Room, askings: Sequence[Asking], found: list[Verdict]) -> None:
    """Give out what is left of today: to the better class first, then to those who read most."""

    def rank(index: int) -> tuple[int, int, int, int]:
        asking = askings[index]
        return asking.rank, -(asking.of.figures.get(ENGAGEMENT) or 0), asking.of.due_at, asking.of.message_id

    for index in sorted((index for index in range(len(askings)) if found[index].go), key=rank):
        asking = askings[index]
        refusal = room.refuses(asking)
        known = room.inputs(asking)
        if refusal is None:
            room.take(asking.of)
        elif room.elsewhere(asking):
            found[index] = Verdict("release", "", found[index].inputs)  # its reason is kept when it waits
        else:
            found[index] = refused(asking, refusal)
        found[index].inputs.update(known)


NOTHING = Verdict("go", "", {})
