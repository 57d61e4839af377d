"""One value held against another: tests of a property, and of the event that started the journey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SkipValidation, ValidationInfo, WithJsonSchema, field_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from .chooser import Chooser, tested
from .node import NodeSettings
from .operators import OPERATORS, moment_ms, number, text
from .step import Condition, Need, ProfileNeed, TriggerNeed

NAME = 200  # characters of an event or property name

OperatorName = Literal[
    "equals",
    "not_equals",
    "in",
    "not_in",
    "more_than",
    "less_than",
    "at_least",
    "at_most",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "exists",
    "missing",
    "before",
    "after",
    "within_days",
]
WORDS: JsonDict = {"words": {name: operator.words for name, operator in OPERATORS.items()}}
_SCALARS = ["string", "number", "boolean"]
Value = Annotated[
    SkipValidation[Any],
    WithJsonSchema({"type": [*_SCALARS, "array", "null"], "items": {"type": _SCALARS}}),
]


class Comparison(NodeSettings):
    """One operator beside one value: what a test of a property and of the starting event share."""

    op: OperatorName = Field("equals", title="Comparison", description="How to compare.", json_schema_extra=WORDS)
    value: Value = Field(
        None, validate_default=True, description="What to compare with; several values where it may be one of them."
    )

    @field_validator("value")
    @classmethod
    def value_fits_operator(cls, value: Any, info: ValidationInfo) -> Any:
        op = info.data.get("op")
        if op is None:  # its own complaint is enough
            return value
        if value is None and OPERATORS[op].takes != "nothing":
            raise complaint("is missing")
        if OPERATORS[op].takes == "many":
            options = tuple(value) if isinstance(value, list | tuple) else (value,)
            if not options or not all(isinstance(each, _PLAIN) for each in options):
                raise complaint(f"has to be a list of texts, numbers or truth values for “{OPERATORS[op].words}”")
            return options
        if not _FITS[OPERATORS[op].takes](value):
            raise complaint(f"has to be {_TAKES[OPERATORS[op].takes]} (for “{OPERATORS[op].words.rstrip(':')}”)")
        return value

    def comparison_words(self) -> str:
        operator = OPERATORS[self.op]
        if operator.takes == "nothing":
            return operator.words
        if operator.takes == "days":
            return f"is within the last {self.value} days"
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return f"{operator.words} {', '.join(str(each) for each in values)}"


def _can_be_asked_for(name: str) -> str:
    if any(sign in '"\\' or ord(sign) < 32 for sign in name):
        raise complaint("cannot have quotes, backslashes or control characters in it")
    return name


PropertyName = Annotated[str, Field(min_length=1, max_length=NAME), AfterValidator(_can_be_asked_for)]


class PropertyTest(Comparison):
    """A test of one property, such as ``{property: country, op: equals, value: CZ}``."""

    property: PropertyName = Field(description="Name of the property; dots look into nested objects: address.city.")

    def condition(self) -> Condition:
        """Truth values go as text, which means the same: else a need that asks for 1 equals one that asks for true."""
        wanted = tuple(map(_untruth, self.value)) if isinstance(self.value, tuple) else _untruth(self.value)
        return Condition(self.property, self.op, wanted)

    def words(self) -> str:
        return f"{self.property} {self.comparison_words()}"

    def needs(self) -> Iterator[Need]:
        yield ProfileNeed()

    def compiled(self) -> Chooser:
        return tested(ProfileNeed(), self.property, OPERATORS[self.op].make(self.value))


class TriggerTest(Comparison):
    """A test of the event that started the journey, such as ``{trigger: total, op: more_than, value: 100}``."""

    trigger: str = Field(
        min_length=1, max_length=NAME, description="Name of a property of the event that started the journey."
    )

    def words(self) -> str:
        return f"the starting event's {self.trigger} {self.comparison_words()}"

    def needs(self) -> Iterator[Need]:
        yield TriggerNeed()

    def compiled(self) -> Chooser:
        return tested(TriggerNeed(), self.trigger, OPERATORS[self.op].make(self.value), inside="properties")


def _without_now(conditions: tuple[PropertyTest, ...]) -> tuple[PropertyTest, ...]:
    if any(each.op == "within_days" for each in conditions):
        raise complaint("cannot look back from now; compare with “is after”, or count events by days")
    return conditions


Where = Annotated[tuple[PropertyTest, ...], Field(max_length=50), AfterValidator(_without_now)]


def complaint(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("rule", "{sentence}", {"sentence": sentence})


def _untruth(value: Any) -> Any:
    return text(value) if isinstance(value, bool) else value


_PLAIN = (str, int, float, bool)
_TAKES = {
    "one": "a text, a number, true or false",
    "number": "a number",
    "moment": "a date such as 2026-05-01 or 2026-05-01T09:00:00+02:00",
    "days": "a number of days above 0",
    "nothing": "left out",
}
_FITS = {
    "one": lambda value: isinstance(value, _PLAIN),
    "number": lambda value: number(value) is not None,
    "moment": lambda value: moment_ms(value) is not None,
    "days": lambda value: (number(value) or -1) > 0,
    "nothing": lambda value: value is None,
}
