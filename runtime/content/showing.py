"""When a block of a letter is shown: a rule, as a condition the letter is compiled with, and in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Discriminator, Field, RootModel, Tag, ValidationError, model_validator

from ...nodes.comparison import complaint
from ...nodes.node import NodeSettings
from .showing_tests import (
    TESTS,
    LanguageTest,
    OutsideTest,
    PlaceTest,
    ProductTest,
    ShownFeature,
    ShownProperty,
    ShownSegment,
    ShownTrigger,
    TimeTest,
)

__all__ = ["TESTS", "ShowRule", "condition", "conditions", "in_words", "problems"]

SAID = {  # what pydantic says, in our words
    "missing": "is missing",
    "extra_forbidden": "means nothing here",
    "too_short": "is empty",
    "string_too_short": "is empty or too short",
    "literal_error": "is none of those to choose from",
}
DEEPEST, LARGEST = 6, 100  # nested levels; entries of all lists and objects together


class ShownAll(NodeSettings):
    """Everything in the list has to hold."""

    all: list[Clause] = Field(min_length=1, description="Rules that must all hold.")

    def words(self) -> str:
        return _joined(self.all, " and ")

    def expression(self) -> str:
        return f"({' and '.join(each.expression() for each in self.all)})"


class ShownAny(NodeSettings):
    """One thing in the list is enough."""

    any: list[Clause] = Field(min_length=1, description="Rules of which one is enough.")

    def words(self) -> str:
        return _joined(self.any, " or ")

    def expression(self) -> str:
        return f"({' or '.join(each.expression() for each in self.any)})"


class ShownNot(NodeSettings):
    """The opposite of a rule."""

    not_: Clause = Field(alias="not", description="A rule that must not hold.")

    def words(self) -> str:
        return f"not ({self.not_.words()})"

    def expression(self) -> str:
        return f"(not {self.not_.expression()})"


_FORMS = ("all", "any", "not", *TESTS)


def _form(clause: Any) -> str | None:
    if isinstance(clause, Mapping):
        named = [f"({form})" for form in _FORMS if form in clause]
        return named[0] if len(named) == 1 else None
    return next((f"({form})" for form in _FORMS if hasattr(clause, form)), "(not)" if hasattr(clause, "not_") else None)


Clause = Annotated[
    Annotated[ShownAll, Tag("(all)")]
    | Annotated[ShownAny, Tag("(any)")]
    | Annotated[ShownNot, Tag("(not)")]
    | Annotated[ShownSegment, Tag("(segment)")]
    | Annotated[ShownProperty, Tag("(property)")]
    | Annotated[ShownFeature, Tag("(feature)")]
    | Annotated[ShownTrigger, Tag("(trigger)")]
    | Annotated[LanguageTest, Tag("(language)")]
    | Annotated[PlaceTest, Tag("(place)")]
    | Annotated[OutsideTest, Tag("(outside)")]
    | Annotated[ProductTest, Tag("(product)")]
    | Annotated[TimeTest, Tag("(time)")],
    Discriminator(
        _form,
        custom_error_type="rule_form",
        custom_error_message=f"has to say exactly one of {', '.join(_FORMS[:-1])} or {_FORMS[-1]}",
    ),
]


class ShowRule(RootModel[Clause]):
    """The rule of a block. The same language as the rules of segments and branches, as far as a letter knows it."""

    @model_validator(mode="before")
    @classmethod
    def size_is_sane(cls, given: Any) -> Any:
        """Refuse what is too deep or large before anything walks it by recursion."""
        level, depth, entries = [given], 0, 0
        while level := [each for each in level if isinstance(each, Mapping | list | tuple)]:
            depth += isinstance(level[0], Mapping)
            level = [child for each in level for child in (each.values() if isinstance(each, Mapping) else each)]
            entries += len(level)
            if entries > LARGEST * 3:
                raise complaint(f"is larger than {LARGEST} conditions; make a segment of it")
            if depth > DEEPEST:
                raise complaint(f"is nested deeper than {DEEPEST} levels; make a segment of it")
        return given


def condition(rule: Any) -> str:
    """A rule as a Jinja expression that may stand after ``{% if``. Raises pydantic's ValidationError."""
    return ShowRule.model_validate(rule).root.expression()


def conditions(blocks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The expression of each block by its id, "" for one that is always shown.

    Of several blocks of one group only the first whose rule holds is shown.
    """
    found: dict[str, str] = {}
    earlier: dict[str, list[str]] = {}
    for block in blocks:
        own = condition(block["show_if"]) if block.get("show_if") else ""
        group = str(block.get("group") or "")
        before = earlier.setdefault(group, []) if group else []
        found[str(block.get("id") or "")] = " and ".join([*(f"not {one}" for one in before), *([own] if own else [])])
        before.append(f"({own})" if own else "true")
    return found


def in_words(rule: Any) -> str:
    """When a block is shown, to go on after "Shown if": ``their country is CZ and orders is at least 3``."""
    return ShowRule.model_validate(rule).root.words()


def problems(rule: Any) -> list[str]:
    """What is wrong with a rule, as sentences; empty when it can be used."""
    try:
        condition(rule)
    except ValidationError as error:
        return list(dict.fromkeys(_sentence(one) for one in error.errors(include_url=False)))
    return []


def _sentence(error: Any) -> str:
    names = [str(part) for part in error["loc"] if isinstance(part, str) and not part.startswith("(")]
    where = names[-1].rstrip("_").replace("_", " ") if names else "condition"
    said = SAID.get(error["type"], str(error["msg"]))
    return f"The {where} of the rule {said[:1].lower()}{said[1:].rstrip('.')}."


def _joined(clauses: list[Any], word: str) -> str:
    return word.join(f"({one.words()})" if isinstance(one, ShownAll | ShownAny) else one.words() for one in clauses)
