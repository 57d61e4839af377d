"""Who is meant: a nested rule over profile, events, messages and the event that started the journey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, RootModel, Tag, model_validator

from .chooser import Chooser, all_of, any_of, counted, none_of
from .comparison import NAME, PropertyTest, TriggerTest, Where, complaint
from .node import NodeSettings
from .operators import OPERATORS, passes
from .step import Batch, EventNeed, MessageNeed, Need, ProfileNeed

__all__ = ["OPERATORS", "Rule", "passes"]

DEEPEST, LARGEST = 12, 1_000  # nested levels; entries of all lists and objects together


class Counted(NodeSettings):
    """Something that happened at least so many times, or did not."""

    did: bool = Field(True, description="false asks for those who did not.")
    times: int = Field(1, ge=1, le=1_000_000, description="At least so many times.")
    days: float | None = Field(None, gt=0, le=3650, description="Only in the last so many days.")

    def count_words(self) -> str:
        times = "" if self.times == 1 else f" at least {self.times} times"
        return times + (f" in the last {self.days:g} days" if self.days else "")


class EventTest(Counted):
    """Did or did not do something, such as ``{event: purchased, did: false, days: 30}``."""

    event: str = Field(min_length=1, max_length=NAME, description="Name of the event.")
    since: Literal["ever", "entered"] = Field("ever", description="entered: only since they came into this journey.")
    where: Where = Field((), description="Only events whose properties pass all of these tests.")

    def need(self) -> EventNeed:
        return EventNeed(self.event, tuple(each.condition() for each in self.where), self.days, self.since)

    def words(self) -> str:
        where = f" where {' and '.join(each.words() for each in self.where)}" if self.where else ""
        since = " since entering" if self.since == "entered" else ""
        return f"{'did' if self.did else 'did not do'} {self.event}{where}{self.count_words()}{since}"

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        return counted(self.need(), self.times, self.did)


class MessageTest(Counted):
    """Was sent, opened or clicked messages or not, such as ``{message: opened, did: false, step: first_letter}``."""

    message: Literal["sent", "opened", "clicked"] = Field(description="What happened with the message.")
    step: str | None = Field(None, description="Only messages of this step of this journey.")
    channel: str | None = Field(None, description="Only messages of this channel, such as email.")

    def need(self) -> MessageNeed:
        return MessageNeed(self.message, self.step, self.channel, self.days)

    def words(self) -> str:
        verb = {"sent": "was sent", "opened": "opened", "clicked": "clicked in"}[self.message]
        which = f"the message of {self.step}" if self.step else f"{self.channel or 'any'} message"
        return f"{verb if self.did else f'not ({verb})'} {which}{self.count_words()}"

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        return counted(self.need(), self.times, self.did)


class All(NodeSettings):
    """Everything in the list has to hold."""

    all: list[Clause] = Field(min_length=1, description="Rules that must all hold.")

    def words(self) -> str:
        return _joined(self.all, " and ")

    def needs(self) -> Iterator[Need]:
        for each in self.all:
            yield from each.needs()

    def compiled(self) -> Chooser:
        return all_of([each.compiled() for each in self.all])


class AnyOf(NodeSettings):
    """One thing in the list is enough."""

    any: list[Clause] = Field(min_length=1, description="Rules of which one is enough.")

    def words(self) -> str:
        return _joined(self.any, " or ")

    def needs(self) -> Iterator[Need]:
        for each in self.any:
            yield from each.needs()

    def compiled(self) -> Chooser:
        return any_of([each.compiled() for each in self.any])


class Not(NodeSettings):
    """The opposite of a rule."""

    not_: Clause = Field(alias="not", description="A rule that must not hold.")

    def words(self) -> str:
        return f"not ({self.not_.words()})"

    def needs(self) -> Iterator[Need]:
        yield from self.not_.needs()

    def compiled(self) -> Chooser:
        return none_of(self.not_.compiled())


_FORMS = ("all", "any", "not", "property", "event", "message", "trigger")


def _form(clause: Any) -> str | None:
    if isinstance(clause, Mapping):
        named = [f"({form})" for form in _FORMS if form in clause]
        return named[0] if len(named) == 1 else None
    return next((f"({form})" for form in _FORMS if hasattr(clause, form)), "(not)" if hasattr(clause, "not_") else None)


Clause = Annotated[
    Annotated[All, Tag("(all)")]
    | Annotated[AnyOf, Tag("(any)")]
    | Annotated[Not, Tag("(not)")]
    | Annotated[PropertyTest, Tag("(property)")]
    | Annotated[EventTest, Tag("(event)")]
    | Annotated[MessageTest, Tag("(message)")]
    | Annotated[TriggerTest, Tag("(trigger)")],
    Discriminator(
        _form,
        custom_error_type="rule_form",
        custom_error_message="has to say exactly one of all, any, not, property, event, message or trigger",
    ),
]


class Rule(RootModel[Clause]):
    """A rule as it stands in settings; compiled to closures once, asked about whole batches."""

    @model_validator(mode="before")
    @classmethod
    def size_is_sane(cls, given: Any) -> Any:
        """Refuse what is too deep or large before anything walks it by recursion."""
        level, depth, entries = [given], 0, 0
        while level := [each for each in level if isinstance(each, Mapping)]:
            depth += 1
            level = [child for each in level for value in each.values() for child in _children(value)]
            entries += len(level)
            if entries > LARGEST:
                raise complaint(f"is larger than {LARGEST} entries; split it over several steps")
            if depth > DEEPEST:
                raise complaint(f"is nested deeper than {DEEPEST} levels; split it over several steps")
        return given

    @cached_property
    def chooser(self) -> Chooser:
        return self.root.compiled()

    def choose(self, batch: Batch, rows: list[int] | None = None) -> list[int]:
        """The rows (of ``rows``, else of the whole step) that meet the rule, in order."""
        return self.chooser(batch, batch.rows if rows is None else rows)

    def meets_profile(self, profile: Mapping[str, Any], now_ms: int) -> bool:
        """Whether one profile meets a rule that asks about the profile alone (see `profile_only`)."""
        return bool(self.chooser(Batch(now_ms, "", [0], (0,), (0,), (0,), facts={ProfileNeed(): (profile,)}), [0]))

    def needs(self) -> tuple[Need, ...]:
        return tuple(dict.fromkeys(self.root.needs()))

    @property
    def profile_only(self) -> bool:
        return self.needs() == (ProfileNeed(),)

    def words(self) -> str:
        return self.root.words()


def _children(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _joined(clauses: list[Any], word: str) -> str:
    return word.join(f"({each.words()})" if isinstance(each, All | AnyOf) else each.words() for each in clauses)
