"""What can be wrong with a segment as it is written, and what its rule asks about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..nodes.comparison import TriggerTest
from ..nodes.complaints import complaints
from ..nodes.happened import EventTest, MessageTest
from ..nodes.labels import subject
from ..nodes.rule import All, AnyOf, Not, Rule
from ..nodes.slug import Slug
from ..nodes.standing import FeatureTest
from ..storage import facts, segments
from ..storage.columns import dump, load
from ..storage.database import Tx

KINDS = {
    "lifecycle": "Life cycle",
    "rfm": "Value",
    "behavioural": "Behaviour",
    "preference": "Preference",
    "predictive": "Prediction",
}


class SegmentProblem(Exception):
    """A segment cannot be kept as it is written; ``sentences`` say why."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(sentences)
        super().__init__(" ".join(self.sentences))


class SegmentPart(BaseModel):
    """A segment as it is written."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Slug = Field(description="Its short name, which never changes; rules and events say it.")
    title: str = Field("", max_length=200, description="What people call it.")
    kind: str = Field("behavioural", description=f"One of {', '.join(KINDS)}.", json_schema_extra={"enum": list(KINDS)})
    description: str = Field("", max_length=2_000, description="Who is in it and what it is for.")
    owner: str = Field("", max_length=200, description="Who looks after it.")
    tags: list[str] = Field(default_factory=list, max_length=50, description="Words to find it by.")
    expires: str | None = Field(None, description="The day after which it is no longer kept up to date, YYYY-MM-DD.")
    rule: Rule = Field(description="Who is in it: a rule as in a branch of a journey.")


def check(tx: Tx, written: Mapping[str, Any]) -> tuple[SegmentPart, dict[str, Any]]:
    """The segment as read, and its rule as it is kept. Raises `SegmentProblem`."""
    try:
        part = SegmentPart.model_validate(dict(written))
    except ValidationError as error:
        raise SegmentProblem(
            f"{subject(SegmentPart, place) or 'The segment'} {what}." for place, what in complaints(error)
        ) from None
    rule = load(dump(written["rule"]))
    wrong = [*_of_part(part), *_of_rule(part), *_of_others(tx, part, rule)]
    if wrong:
        raise SegmentProblem(wrong)
    return part, rule


def problems(tx: Tx, written: Mapping[str, Any]) -> list[str]:
    """What is wrong with a segment as it is written, as sentences."""
    try:
        check(tx, written)
    except SegmentProblem as problem:
        return problem.sentences
    return []


def mentioned(document: Any) -> set[str]:
    """The segments a rule, or a whole journey, asks about: whatever stands under the key ``segment``."""
    found: set[str] = set()
    level = [document]
    while level:
        inner: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                if isinstance(each.get("segment"), str):
                    found.add(each["segment"])
                inner += each.values()
            elif isinstance(each, list | tuple):
                inner += each
        level = inner
    return found


def order(rules: Mapping[str, Any]) -> list[str]:
    """The names so that each comes after those its rule asks about; members of circles come last."""
    asks = {name: mentioned(rule) & rules.keys() for name, rule in rules.items()}
    done: dict[str, None] = {}
    while ready := [name for name in sorted(asks) if name not in done and asks[name] <= done.keys()]:
        done.update(dict.fromkeys(ready))
    return [*done, *sorted(asks.keys() - done.keys())]


def _of_part(part: SegmentPart) -> Iterator[str]:
    if part.kind not in KINDS:
        yield f"The kind has to be one of {', '.join(KINDS)}."
    if part.expires is not None and ends_ms(part.expires) is None:
        yield "The day it expires has to be a date such as 2027-12-31."


def _of_rule(part: SegmentPart) -> Iterator[str]:
    for test in tests(part.rule):
        stay = isinstance(test, TriggerTest)
        stay = stay or (isinstance(test, EventTest) and test.since != "ever")
        if stay or (isinstance(test, MessageTest) and test.step is not None):
            yield f"“{test.words()}” can only be asked inside a journey; take it out of the rule."
        if isinstance(test, FeatureTest) and facts.feature_sql(test.feature) == "NULL":
            yield f"There is no feature called “{test.feature}”; the page Features lists them."


def _of_others(tx: Tx, part: SegmentPart, rule: Any) -> Iterator[str]:
    others = {**segments.rules(tx), part.name: rule}
    for name in sorted(mentioned(others[part.name]) - others.keys()):
        yield f"There is no segment called “{name}” yet; make it first."
    circle = _circle(part.name, {name: mentioned(rule) for name, rule in others.items()})
    if circle:
        yield f"The segment would depend on itself: {' → '.join(circle)}. Take one of them out."


def tests(rule: Rule) -> Iterator[Any]:
    """Every test of a rule, whatever it stands in."""
    level: list[Any] = [rule.root]
    while level:
        each = level.pop()
        if isinstance(each, All):
            level += each.all
        elif isinstance(each, AnyOf):
            level += each.any
        elif isinstance(each, Not):
            level.append(each.not_)
        else:
            yield each


def _circle(start: str, asks: Mapping[str, set[str]]) -> list[str]:
    """A way from a segment back to itself."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in sorted(asks.get(way[-1], ())):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def ends_ms(day: str) -> int | None:
    """The last millisecond of a day in UTC; None for what is no day."""
    try:
        end = datetime.combine(date.fromisoformat(day), time.max, UTC)
    except ValueError:
        return None
    return int(end.timestamp() * 1000)
