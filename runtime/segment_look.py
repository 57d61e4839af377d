"""A look at a rule that is being written: how many it means, a few of them, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..nodes.rule import Rule
from ..storage import segment_queries, views
from ..storage.database import Tx
from ..storage.views import ContactLine
from .audience import Audience, audience, known_before, sample
from .segments import problems

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Look:
    """``people`` is None where finding some takes too long; ``audience`` None where the rule cannot be asked yet."""

    problems: tuple[str, ...] = ()
    audience: Audience | None = None
    people: tuple[ContactLine, ...] | None = ()


def look(tx: Tx, written: Mapping[str, Any], now_ms: int, seconds: float = 1.0) -> Look:
    """Look at a segment as it is written; no question takes longer than so many seconds."""
    wrong = tuple(problems(tx, written))
    try:
        rule = Rule.model_validate(written.get("rule"))
    except (ValidationError, RecursionError):
        return Look(wrong)
    if not known_before(rule):
        return Look(wrong)
    found = audience(tx, rule, now_ms, seconds)
    return Look(wrong, found, _some(tx, rule, now_ms, seconds) if found.matched else ())


def _some(tx: Tx, rule: Rule, now_ms: int, seconds: float) -> tuple[ContactLine, ...] | None:
    try:
        with segment_queries.at_most(tx, seconds):
            ids = [contact for contact, _ in sample(tx, rule, now_ms, SHOWN)]
    except segment_queries.TookTooLong:
        return None
    people = views.contacts_by_id(tx, ids)
    return tuple(people[key] for key in ids if key in people)
