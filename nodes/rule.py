"""Who is meant: a nested rule over everything that is known of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Discriminator, Field, RootModel, Tag, model_validator

from .chooser import Chooser, all_of, any_of, none_of
from .comparison import PropertyTest, TriggerTest, complaint
from .happened import EventTest, JourneyTest, MessageTest
from .node import NodeSettings
from .operators import OPERATORS, passes
from .standing import ConsentTest, FeatureTest, SegmentTest
from .step import Batch, Need, ProfileNeed

__all__ = ["OPERATORS", "TESTS", "EventTest", "MessageTest", "Rule", "passes"]

DEEPEST, LARGEST = 12, 1_000  # nested levels; entries of all lists and objects together


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


TESTS = {  # by the key that tells them apart
    "property": PropertyTest,
    "event": EventTest,
    "message": MessageTest,
    "feature": FeatureTest,
    "segment": SegmentTest,
    "consent": ConsentTest,
    "journey": JourneyTest,
    "trigger": TriggerTest,
}
_FORMS = ("all", "any", "not", *TESTS)


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
    | Annotated[FeatureTest, Tag("(feature)")]
    | Annotated[SegmentTest, Tag("(segment)")]
    | Annotated[ConsentTest, Tag("(consent)")]
    | Annotated[JourneyTest, Tag("(journey)")]
    | Annotated[TriggerTest, Tag("(trigger)")],
    Discriminator(
        _form,
        custom_error_type="rule_form",
        custom_error_message=f"has to say exactly one of {', '.join(_FORMS[:-1])} or {_FORMS[-1]}",
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
            if any(isinstance(each, str) and not _storable(each) for each in level):
                raise complaint("has a character in it that no store takes")
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


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _children(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _joined(clauses: list[Any], word: str) -> str:
    return word.join(f"({each.words()})" if isinstance(each, All | AnyOf) else each.words() for each in clauses)
