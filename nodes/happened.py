"""Tests of what people did, what messages did with them, and what journeys they went through, counted over a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from .chooser import Chooser, measured
from .comparison import NAME, PropertyName, Where, complaint
from .node import NodeSettings
from .operators import OPERATORS, moment_ms, number
from .step import DAY_MS, EventNeed, JourneyNeed, MessageNeed, Need

COUNTS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "at_least": ("at least", lambda n, times: n >= times),
    "at_most": ("at most", lambda n, times: n <= times),
    "exactly": ("exactly", lambda n, times: n == times),
}


def _two_days_in_order(between: tuple[str, str] | None) -> tuple[str, str] | None:
    if between is not None:
        first, last = (moment_ms(each) for each in between)
        if first is None or last is None or any(len(each) != 10 for each in between):
            raise complaint("has to be two dates such as 2026-05-01 and 2026-05-31")
        if first > last:
            raise complaint("has to begin before it ends")
    return between


class Timed(NodeSettings):
    """Something that happened in a stretch of time, or did not."""

    did: bool = Field(True, description="Whether it happened, or did not.")
    days: float | None = Field(None, gt=0, le=3650, description="Only in the last so many days.")
    to_days: float | None = Field(
        None, gt=0, le=3650, title="Up to days ago", description="Only what is longer ago than so many days."
    )
    between: Annotated[tuple[str, str] | None, AfterValidator(_two_days_in_order)] = Field(
        None, description="Only from the first to the last of two days, both of them included, in UTC."
    )

    @model_validator(mode="after")
    def one_stretch_of_time(self) -> Timed:
        if self.between is not None and (self.days is not None or self.to_days is not None):
            raise complaint("asks for two dates and for a number of days at once; leave one of them out")
        if self.days is not None and self.to_days is not None and self.to_days >= self.days:
            raise complaint("asks for a stretch of time that ends before it begins")
        return self

    def when_words(self) -> str:
        if self.between:
            return f" from {self.between[0]} to {self.between[1]}"
        if self.to_days is None:
            return f" in the last {self.days:g} days" if self.days else ""
        ago = f"{self.to_days:g} days ago"
        return f" between {self.days:g} and {ago}" if self.days else f" more than {ago}"

    def when(self) -> dict[str, Any]:
        """The stretch of time, as a need carries it."""
        ms = tuple(moment_ms(each) or 0 for each in self.between) if self.between else None
        return {"days": self.days, "to_days": self.to_days, "between": (ms[0], ms[1] + DAY_MS) if ms else None}


class Counted(Timed):
    """Something that happened at least so many times, or did not."""

    times: int = Field(1, ge=1, le=1_000_000, description="How many times.")
    count: Literal["at_least", "at_most", "exactly"] = Field(
        "at_least",
        description="At least, at most or exactly so many times.",
        json_schema_extra={"words": {name: words for name, (words, _) in COUNTS.items()}},
    )

    def count_words(self) -> str:
        usual = self.times == 1 and self.count == "at_least"
        times = f"{self.times} time{'' if self.times == 1 else 's'}"
        return ("" if usual else f" {COUNTS[self.count][0]} {times}") + self.when_words()

    def counted(self, need: Need) -> Chooser:
        holds, times, did = COUNTS[self.count][1], self.times, self.did
        return measured(need, lambda n: holds(n, times) is did)


class EventTest(Counted):
    """Did or did not do something, such as ``{event: purchased, did: false, days: 30}``."""

    event: str = Field(min_length=1, max_length=NAME, description="Name of the event.")
    since: Literal["ever", "entered"] = Field(
        "ever",
        description="At any time, or only since they came into this journey.",
        json_schema_extra={"words": {"ever": "at any time", "entered": "since they came in"}},
    )
    where: Where = Field((), description="Only events whose properties pass all of these tests.")
    on_days: bool = Field(False, description="Counts the days it happened on (in UTC), not each time.")
    sum: PropertyName | None = Field(None, description="Adds up this property of the events instead of counting them.")
    op: Literal["more_than", "less_than", "at_least", "at_most", "equals"] = Field(
        "at_least",
        description="With a sum: how to compare it.",
        json_schema_extra={
            "words": {op: OPERATORS[op].words for op in ("more_than", "less_than", "at_least", "at_most", "equals")}
        },
    )
    value: float | None = Field(None, description="With a sum: what to compare it with.")

    @model_validator(mode="after")
    def a_sum_has_its_value(self) -> EventTest:
        if (self.sum is None) != (self.value is None):
            raise complaint("needs both the property to add up and the number to compare the sum with")
        if self.sum is not None and (self.times != 1 or self.count != "at_least" or self.on_days or not self.did):
            raise complaint("either counts or adds up, not both; take one of the two away")
        return self

    def need(self) -> EventNeed:
        where = tuple(each.condition() for each in self.where)
        return EventNeed(self.event, where, since=self.since, on_days=self.on_days, sum=self.sum, **self.when())

    def words(self) -> str:
        where = f" where {' and '.join(each.words() for each in self.where)}" if self.where else ""
        since = " since entering" if self.since == "entered" else ""
        if self.sum is not None:
            held = f"{OPERATORS[self.op].words} {self.value:g}"
            return f"the sum of {self.sum} over all {self.event}{where}{self.when_words()}{since} {held}"
        times = self.count_words()
        if self.on_days:
            times = f" on {COUNTS[self.count][0]} {self.times} day{'' if self.times == 1 else 's'}{self.when_words()}"
        return f"{'did' if self.did else 'did not do'} {self.event}{where}{times}{since}"

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        if self.sum is None:
            return self.counted(self.need())
        test = OPERATORS[self.op].make(number(self.value))
        return measured(self.need(), lambda total: test(total, 0))


class MessageTest(Counted):
    """Was sent, opened or clicked messages or not, such as ``{message: opened, did: false, step: first_letter}``."""

    message: Literal["sent", "opened", "clicked"] = Field(description="What happened with the message.")
    step: str | None = Field(None, description="Only messages of this step of this journey.")
    channel: str | None = Field(None, description="Only messages of this channel, such as email.")

    def need(self) -> MessageNeed:
        return MessageNeed(self.message, self.step, self.channel, **self.when())

    def words(self) -> str:
        said = {
            "sent": ("was sent", "was not sent"),
            "opened": ("opened", "did not open"),
            "clicked": ("clicked in", "did not click in"),
        }[self.message]
        which = f"the message of {self.step}" if self.step else f"{self.channel or 'any'} message"
        return f"{said[0 if self.did else 1]} {which}{self.count_words()}"

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        return self.counted(self.need())


class JourneyTest(Timed):
    """Went through a journey or not, such as ``{journey: welcome, was: converted, days: 30}``."""

    journey: str = Field(min_length=1, max_length=NAME, description="Short name of the journey.")
    was: Literal["entered", "inside", "left", "converted"] = Field(
        "entered",
        description="Came in, is inside now, has left it, or reached its goal.",
        json_schema_extra={
            "words": {"entered": "came in", "inside": "is inside", "left": "has left", "converted": "reached its goal"}
        },
    )

    @model_validator(mode="after")
    def inside_is_now(self) -> JourneyTest:
        if self.was == "inside" and (self.days or self.to_days or self.between):
            raise complaint("asks who is inside now, so it cannot ask when; leave the time out")
        return self

    def need(self) -> JourneyNeed:
        return JourneyNeed(self.journey, self.was, **self.when())

    def words(self) -> str:
        said = {
            "entered": ("came into", "did not come into"),
            "inside": ("is inside", "is not inside"),
            "left": ("left", "did not leave"),
            "converted": ("reached the goal of", "did not reach the goal of"),
        }[self.was]
        return f"{said[0 if self.did else 1]} the journey {self.journey}{self.when_words()}"

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        did = self.did
        return measured(self.need(), lambda n: (n > 0) is did)
