"""Asks the gate about a message that does not exist: may it go to this person, on this channel, at that moment?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...nodes.zones import zone
from ...storage import handover, journeys
from ...storage.consents import TOPIC
from ...storage.database import Tx
from ...storage.handover import Facts
from ...storage.touches import AT
from ..settings import load as load_settings
from .gate import Question, Terms, Verdict, decide, questions
from .hygiene import Silence
from .in_force import current
from .policy import CLASSES, Class
from .priority import rank_of
from .rules import Rules
from .sieve import Sieve
from .whereabouts import Place

DAY_MS = 86_400_000


class CannotSuppose(Exception):
    """The gate cannot be asked like this; the sentence says what is wrong."""


class NoSuchContact(CannotSuppose):
    """There is no such contact."""


class NoSuchJourney(CannotSuppose):
    """There is no journey of that name with a version that was published."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is asked. ``at`` without a zone is the contact's own time; ``journey`` gives class, weight and topic."""

    contact_id: int
    channel: str
    at: datetime | int
    class_: Class | None = None
    topic: str | None = None
    journey: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says, every question of it in order, and what it went by."""

    verdict: Verdict
    questions: tuple[Question, ...]
    at_ms: int
    place: Place
    rank: int
    weight: int
    topic: str

    @property
    def class_(self) -> Class:
        """The class the message counts as."""
        return CLASSES[self.rank]

    def local(self, ms: int | None) -> str | None:
        """A moment on the contact's own clock."""
        if ms is None:
            return None
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone(self.place.zone)).isoformat(timespec="minutes")

    def written(self) -> dict[str, Any]:
        """The whole as plain data."""
        return {
            "answer": self.verdict.answer,
            "reason": self.verdict.reason,
            "rule": self.verdict.rule,
            "until": self.verdict.until_ms,
            "until_local": self.local(self.verdict.until_ms),
            "outcome": self.verdict.outcome,
            "at": self.at_ms,
            "at_local": self.local(self.at_ms),
            "zone": self.place.zone,
            "zone_from": self.place.source,
            "country": self.place.country,
            "class": self.class_,
            "weight": self.weight,
            "topic": self.topic,
            "questions": [
                {
                    "code": each.code,
                    "question": each.title,
                    "answer": each.verdict.answer if each.verdict else "go",
                    "reason": each.verdict.reason if each.verdict else None,
                }
                for each in self.questions
            ],
            "inputs": self.verdict.inputs,
        }


def suppose(tx: Tx, asked: Supposed, now_ms: int, senders: Mapping[str, frozenset[str]] | None = None) -> Answer:
    """Ask the gate, the very one the outbox asks. Nothing is written. Raises CannotSuppose.

    ``senders`` are the numbers and names we send from, by channel, where they are known.
    """
    known = load_settings(tx)
    sieve = Sieve(lambda: senders or {})
    rules = sieve.rules(tx, Silence.of(known))
    under, rank, weight, journey_id = _terms(tx, asked)
    person = _facts(tx, asked, now_ms, rules, rank, weight, journey_id)
    place = rules.place(person)
    at_ms = _moment(asked.at, place)
    of = _as_of(_facts(tx, asked, at_ms, rules, rank, weight, journey_id), at_ms)
    beside = _beside(tx, of, at_ms, rules)
    rules.room = sieve.room(tx, rules, at_ms)
    terms = [under, *(sieve.terms(tx, each) for each in beside)]
    verdict = decide([of, *beside], terms, at_ms, rules, 1)[0]
    return Answer(verdict, tuple(questions(of, under, at_ms, rules)), at_ms, place, rank, weight, under.topic)


def _terms(tx: Tx, asked: Supposed) -> tuple[Terms, int, int, int | None]:
    """What the message is sent under, its rank and weight, and its journey."""
    if asked.journey is None:
        rank = CLASSES.index(asked.class_ or "promo")
        return Terms(rank == 0, asked.topic or TOPIC, True), rank, 50, None
    journey = journeys.journey_named(tx, asked.journey)
    version = journeys.version(tx, journey.live_version) if journey and journey.live_version else None
    if journey is None or version is None:
        raise NoSuchJourney(NoSuchJourney.__doc__)
    rank, weight = rank_of(version.content, current(tx))
    under = Terms.of(version.content, True)
    if asked.class_ is not None:
        rank = CLASSES.index(asked.class_)
    topic = asked.topic or under.topic
    return Terms(rank == 0, topic, True, under.calls_back), rank, weight, journey.id


def _facts(tx: Tx, asked: Supposed, at_ms: int, rules: Rules, rank: int, weight: int, journey_id: int | None) -> Facts:
    found = handover.supposed(
        tx, asked.contact_id, asked.channel, at_ms, rules.asks(at_ms), rank=rank, weight=weight, journey_id=journey_id
    )
    if found is None:
        raise NoSuchContact(NoSuchContact.__doc__)
    return found


def _as_of(of: Facts, at_ms: int) -> Facts:
    """Without what had not happened yet at a moment in the past."""
    return of._replace(
        had=[one for one in of.had if one[AT] <= at_ms], setbacks=[one for one in of.setbacks if one[2] <= at_ms]
    )


def _beside(tx: Tx, of: Facts, at_ms: int, rules: Rules) -> list[Facts]:
    """Open messages of the same person that may have to go first."""
    if not (rules.counts or of.per_week):
        return []
    oldest_ms = at_ms - max(rules.patience_ms)
    due_by_ms = at_ms + rules.policy.reserve
    return handover.rivals(tx, [of.contact_id], oldest_ms - 1, due_by_ms, (), at_ms, rules.asks(at_ms))


def _moment(at: datetime | int, place: Place) -> int:
    if isinstance(at, int):
        return at
    return round((at if at.tzinfo else at.replace(tzinfo=zone(place.zone))).timestamp() * 1000)
