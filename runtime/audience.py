"""How many contacts meet a rule now: all of them, or as many as a moment allows."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..nodes.rule import Rule
from ..nodes.step import Batch, EventNeed, MessageNeed, Need, ProfileNeed, TriggerNeed
from ..storage import catalog, segment_queries, segments
from ..storage.columns import load
from ..storage.database import Tx
from ..storage.segment_terms import Term
from .facts import Knowledge, profile_of
from .program import compile_version
from .segment_terms import NotAboutPeople, terms

PAGE = 2_000  # ids looked at together
SECONDS = 1.0
NOWHERE = compile_version(0, 0, {"name": "nowhere", "nodes": {"in": {"kind": "trigger_api"}}})  # nobody's journey


@dataclass(frozen=True, slots=True)
class Audience:
    """``matched`` of ``seen`` contacts meet the rule; there are ``total``."""

    matched: int
    seen: int
    total: int

    @property
    def exact(self) -> bool:
        """Whether everybody was looked at."""
        return self.seen >= self.total

    @property
    def estimate(self) -> int:
        """How many of all, by what was seen."""
        return self.matched if self.exact or not self.seen else round(self.matched / self.seen * self.total)


def known_before(rule: Rule) -> bool:
    """Whether a rule can be asked of people outside the journey: it asks nothing of their stay in it."""
    return not any(_about_the_stay(need) for need in rule.needs())


def audience(tx: Tx, rule: Rule, now_ms: int, seconds: float = SECONDS) -> Audience:
    """Count those who meet ``rule``: exactly where the store answers in time, else by a fair sample of people.

    Segments the rule asks about are read as their rules say now, whether or not they are filled yet.
    """
    total, highest = catalog.contact_ids(tx)
    try:
        with segment_queries.at_most(tx, seconds):
            return Audience(matched := count(tx, rule, now_ms), max(total, matched), max(total, matched))
    except (segment_queries.TookTooLong, NotAboutPeople):
        return _estimate(tx, rule, now_ms, seconds, total, highest)


def count(tx: Tx, rule: Rule, now_ms: int) -> int:
    """How many contacts meet ``rule`` now. Raises `NotAboutPeople` for a rule about a stay in a journey."""
    return segment_queries.count(tx, asked(tx, rule, now_ms))


def ids(tx: Tx, rule: Rule, now_ms: int) -> list[int]:
    """The contacts who meet ``rule`` now, in order. Raises `NotAboutPeople`."""
    return sorted(segment_queries.ids(tx, asked(tx, rule, now_ms)))


def sample(tx: Tx, rule: Rule, now_ms: int, most: int = 10) -> list[tuple[int, dict[str, Any]]]:
    """``(contact, profile)`` of a few who meet ``rule`` now, the newest first. Raises `NotAboutPeople`."""
    rows = segment_queries.sample(tx, asked(tx, rule, now_ms), most)
    return [
        (contact, profile_of(properties, email, None, external_id, created_at))
        for contact, external_id, email, properties, created_at in rows
    ]


def asked(tx: Tx, rule: Rule, now_ms: int) -> Term:
    """The rule as terms for the store, with the rules of the segments it asks about in their places."""
    return terms(
        rule, now_ms, {name: Rule.model_validate(other) for name, other in segments.rules(tx).items() if other}
    )


def _estimate(tx: Tx, rule: Rule, now_ms: int, seconds: float, total: int, highest: int) -> Audience:
    """Count in an order that makes a part of the people a fair sample."""
    starts = list(range(1, highest + 1, PAGE))
    random.Random(highest).shuffle(starts)
    until = time.monotonic() + seconds
    matched = seen = 0
    for start in starts:
        people = catalog.contacts_between(tx, start, start + PAGE - 1)
        matched += len(_meet(tx, rule, people, now_ms))
        seen += len(people)
        if time.monotonic() > until:
            break
    return Audience(matched, seen, max(total, seen))


def chosen(tx: Tx, rule: Rule, now_ms: int) -> list[int]:
    """The ids of all who meet ``rule``, asked as a step of a journey would ask."""
    _, highest = catalog.contact_ids(tx)
    pages = (catalog.contacts_between(tx, start, start + PAGE - 1) for start in range(1, highest + 1, PAGE))
    return [page[row][0] for page in pages for row in _meet(tx, rule, page, now_ms)]


def _meet(tx: Tx, rule: Rule, people: list[Any], now_ms: int) -> list[int]:
    ids = [person[0] for person in people]
    rows = list(range(len(ids)))
    batch = Batch(now_ms, "", rows, ids, [0] * len(ids), [0] * len(ids))
    batch.facts = _facts(tx, rule.needs(), people, batch)
    return rule.choose(batch)


def _facts(tx: Tx, needs: Iterable[Need], people: list[Any], batch: Batch) -> dict[Need, Any]:
    """One query for each need; the profiles are there already."""
    ids = list(batch.contact)
    knowledge = Knowledge(
        tx, NOWHERE, batch.now_ms, [0] * len(ids), ids, batch.entered_ms, batch.since_ms, [None] * len(ids)
    )
    profiles = [profile_of(load(person[1]), *person[2:]) for person in people]
    asked = [need for need in needs if not isinstance(need, ProfileNeed)]
    return {ProfileNeed(): profiles, **(knowledge.about(asked, batch.rows) if ids else {})}


def _about_the_stay(need: Need) -> bool:
    return (
        isinstance(need, TriggerNeed)
        or (isinstance(need, EventNeed) and need.since != "ever")
        or (isinstance(need, MessageNeed) and need.node is not None)
    )
