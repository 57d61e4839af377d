"""What a rule found out about one contact, in words: each of its tests with the value it was held against."""

from __future__ import annotations

from typing import Any

from .comparison import PropertyTest, TriggerTest
from .happened import EventTest, JourneyTest, MessageTest
from .operators import reader
from .rule import All, AnyOf, Clause, Not, Rule
from .standing import STATES, ConsentTest, FeatureTest, SegmentTest
from .step import Batch, ProfileNeed, TriggerNeed

SHOWN = 80  # characters of a value


def evidence(rule: Rule, batch: Batch, row: int) -> str:
    """Every test of the rule and what was found: ``country is CZ (it is DE), did purchased (0 times)``."""
    return ", ".join(_each(rule.root, batch, row))


def _each(clause: Clause, batch: Batch, row: int) -> list[str]:
    if isinstance(clause, All | AnyOf):
        parts = clause.all if isinstance(clause, All) else clause.any
        return [said for part in parts for said in _each(part, batch, row)]
    if isinstance(clause, Not):
        return _each(clause.not_, batch, row)
    return [f"{clause.words()} ({_found(clause, batch, row)})"]


Known = PropertyTest | TriggerTest | EventTest | MessageTest | JourneyTest | FeatureTest | SegmentTest | ConsentTest


def _found(test: Known, batch: Batch, row: int) -> str:
    if isinstance(test, PropertyTest):
        return _value(reader(test.property)(batch.facts[ProfileNeed()][row]))
    if isinstance(test, TriggerTest):
        return _value(reader(test.trigger)(batch.facts[TriggerNeed()][row].get("properties") or {}))
    found = batch.facts[test.need()][row]
    if isinstance(test, FeatureTest):
        return _value(found)
    if isinstance(test, SegmentTest):
        return "they are" if found else "they are not"
    if isinstance(test, ConsentTest):
        return f"it {STATES[found or 'unknown']}"
    if isinstance(test, EventTest) and test.sum is not None:
        return f"it is {found:g}"
    unit = "day" if isinstance(test, EventTest) and test.on_days else "time"
    return "once" if found == 1 and unit == "time" else f"{found} {unit}{'' if found == 1 else 's'}"


def _value(value: Any) -> str:
    if value is None:
        return "not known"
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return f"it is {text}" if len(text) <= SHOWN else f"it is {text[:SHOWN]}…"
