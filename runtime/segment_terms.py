"""From a rule as people write it to the terms a store can be asked: values read, times worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..nodes.comparison import Comparison, PropertyTest
from ..nodes.happened import EventTest, JourneyTest, MessageTest, Timed
from ..nodes.operators import OPERATORS, moment_ms, number, text
from ..nodes.rule import All, AnyOf, Not, Rule
from ..nodes.standing import ConsentTest, FeatureTest, SegmentTest
from ..nodes.step import DAY_MS, EventNeed, MessageNeed, stretch
from ..storage.segment_terms import (
    AllTerm,
    AnyTerm,
    ConsentTerm,
    EventTerm,
    FeatureTerm,
    Figure,
    MemberTerm,
    MessageTerm,
    NotTerm,
    PropertyTerm,
    StayTerm,
    Term,
    ValueTest,
    Wanted,
)

_SIGNS = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<", "exactly": "=", "equals": "="}


class NotAboutPeople(Exception):
    """The rule asks what happened inside a journey, which nobody outside it can answer: take that test out."""


def terms(rule: Rule, now_ms: int, segments: Mapping[str, Rule] | None = None) -> Term:
    """What the rule asks of a person now. Raises `NotAboutPeople`.

    With ``segments``, their own rules stand in the place of who is known to be in them.
    """
    return _term(rule.root, now_ms, segments or {})


def _term(clause: Any, now_ms: int, segments: Mapping[str, Rule]) -> Term:
    if isinstance(clause, All):
        return AllTerm(tuple(_term(each, now_ms, segments) for each in clause.all))
    if isinstance(clause, AnyOf):
        return AnyTerm(tuple(_term(each, now_ms, segments) for each in clause.any))
    if isinstance(clause, Not):
        return NotTerm(_term(clause.not_, now_ms, segments))
    if isinstance(clause, SegmentTest) and clause.segment in segments:
        others = {name: rule for name, rule in segments.items() if name != clause.segment}  # a circle ends here
        inside = _term(segments[clause.segment].root, now_ms, others)
        return inside if clause.member else NotTerm(inside)
    if isinstance(clause, PropertyTest):
        return PropertyTerm(_value(clause.property, clause, now_ms))
    if isinstance(clause, FeatureTest):
        return FeatureTerm(_value(clause.feature, clause, now_ms), now_ms)
    if isinstance(clause, SegmentTest):
        return MemberTerm(clause.segment, clause.member)
    if isinstance(clause, ConsentTest):
        return ConsentTerm(clause.consent, clause.channel, clause.state)
    if isinstance(clause, JourneyTest):
        return _done(clause, StayTerm(clause.journey, clause.was, *stretch(clause.need(), now_ms), Figure(">=", 1)))
    if isinstance(clause, MessageTest) and clause.step is None:
        need: MessageNeed = clause.need()
        figure = Figure(_SIGNS[clause.count], clause.times)
        return _done(clause, MessageTerm(need.what, need.channel, *stretch(need, now_ms), figure))
    if isinstance(clause, EventTest) and clause.since == "ever":
        return _event(clause, clause.need(), now_ms)
    raise NotAboutPeople(NotAboutPeople.__doc__)


def _event(clause: EventTest, need: EventNeed, now_ms: int) -> Term:
    if clause.sum is None:
        figure = Figure(_SIGNS[clause.count], clause.times)
    else:
        figure = Figure(_SIGNS[clause.op], float(clause.value or 0))
    where = tuple(_value(each.property, each, now_ms) for each in clause.where)
    return _done(
        clause, EventTerm(need.event, *stretch(need, now_ms), figure, where, on_days=need.on_days, sum=need.sum)
    )


def _done(clause: Timed, term: Term) -> Term:
    return term if clause.did else NotTerm(term)


def _value(path: str, test: Comparison, now_ms: int) -> ValueTest:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    if OPERATORS[test.op].takes == "nothing":
        values = ()
    return ValueTest(path, test.op, tuple(map(_wanted, values)), _within(test, now_ms))


def _wanted(value: Any) -> Wanted:
    kind = "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return Wanted(kind, text(value), number(value))


def _within(test: Comparison, now_ms: int) -> tuple[int | None, int | None]:
    """The first and the last millisecond a moment may have."""
    if test.op == "within_days":
        return now_ms - int(float(number(test.value) or 0) * DAY_MS), now_ms
    moment = moment_ms(test.value) if test.op in ("before", "after") else None
    if moment is None:
        return None, None
    return (None, moment - 1) if test.op == "before" else (moment + 1, None)
