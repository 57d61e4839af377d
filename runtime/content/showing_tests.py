"""What one condition of a block may ask: each test as a Jinja expression, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ...nodes.comparison import NAME, Comparison, PropertyTest, TriggerTest, complaint
from ...nodes.node import NodeSettings
from ...nodes.standing import FeatureTest, SegmentTest
from ..feature_catalogue import BY_NAME
from .names import SOURCE

PRODUCT_FIELDS = ("stock", "margin", "price", "old_price", "category", "title", "tags", "currency", "active")
PLACES = {"country": "country", "city": "city", "region": "region", "timezone": "time zone"}
DATED = ("before", "after", "equals", "not_equals", "in", "not_in")
TIMES = {"date": "the date", "hour": "the hour", "weekday": "the weekday", "month": "the month", "day": "the day"}


class ShownProperty(PropertyTest):
    """A property of the contact, such as ``{property: country, op: equals, value: CZ}``."""

    def expression(self) -> str:
        return meets("contact", self.property, self)


class ShownTrigger(TriggerTest):
    """A property of the event that started the journey, such as ``{trigger: total, op: more_than, value: 100}``."""

    def expression(self) -> str:
        return meets("event", self.trigger, self)


class ShownFeature(FeatureTest):
    """A figure kept about the contact, such as ``{feature: orders, op: at_least, value: 3}``."""

    def expression(self) -> str:
        return meets("features", self.feature, self)

    def words(self) -> str:
        known = BY_NAME.get(self.feature)
        title = known.title.replace(", ", " ") if known else self.feature.replace("_", " ")
        return f"{title if title.isupper() else title[:1].lower() + title[1:]} {self.comparison_words()}"


class ShownSegment(SegmentTest):
    """Is in a segment or not, such as ``{segment: loyal_customers}``."""

    def expression(self) -> str:
        inside = f"segments[{literal(self.segment)}]"
        return inside if self.member else f"(not {inside})"


class LanguageTest(NodeSettings):
    """The contact's own language is one of these, such as ``{language: cs}``; "pt" means "pt-BR" too."""

    language: str | tuple[str, ...] = Field(description="A language such as cs, or several.")

    @field_validator("language")
    @classmethod
    def are_languages(cls, given: Any) -> Any:
        codes = (given,) if isinstance(given, str) else given
        if not codes or not all(1 < len(code) <= 20 and code.replace("-", "").isalnum() for code in codes):
            raise complaint("has to be a language such as cs or pt-BR, or several")
        return given

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.language,) if isinstance(self.language, str) else self.language

    def words(self) -> str:
        return f"their language is {' or '.join(self.codes)}"

    def expression(self) -> str:
        return f"contact is speaks({literal(self.codes)})"


class PlaceTest(Comparison):
    """Where the contact is, as far as it is known, such as ``{place: country, op: equals, value: CZ}``."""

    place: Literal["country", "city", "region", "timezone"] = Field(description="What of the place.")

    def words(self) -> str:
        return f"their {PLACES[self.place]} {self.comparison_words()}"

    def expression(self) -> str:
        return meets("place", self.place, self)


class OutsideTest(Comparison):
    """A fact from outside, such as ``{outside: weather.temperature, op: less_than, value: 5}``."""

    outside: str = Field(min_length=3, max_length=NAME, description="Source and fact with a dot: weather.temperature.")

    @field_validator("outside")
    @classmethod
    def has_two_parts(cls, given: str) -> str:
        source, _, fact = given.partition(".")
        if not SOURCE.fullmatch(source) or not fact:
            raise complaint("has to be a source and a fact with a dot between them: weather.temperature")
        return given

    def words(self) -> str:
        source, _, fact = self.outside.partition(".")
        return f"{fact.replace('_', ' ')} of {source.replace('_', ' ')} {self.comparison_words()}"

    def expression(self) -> str:
        source, _, fact = self.outside.partition(".")
        return meets(f"outside[{literal(source)}]", fact, self)


class ProductTest(Comparison):
    """A product of the catalogue, or (without ``sku``) any of the event's: ``{product: stock, sku: p01, …}``."""

    product: str = Field(min_length=1, max_length=NAME, description="What of the product, such as stock or margin.")
    sku: str = Field("", max_length=NAME, description="Which product; empty: any of those of the starting event.")

    def words(self) -> str:
        whose = f"product {self.sku}" if self.sku else "any product of the starting event"
        return f"the {self.product.replace('_', ' ')} of {whose} {self.comparison_words()}"

    def expression(self) -> str:
        whose = f"catalogue[{literal(self.sku)}]" if self.sku else 'products(source="event")'
        return meets(whose, self.product, self)


class TimeTest(Comparison):
    """The moment the letter is written, on the contact's own clock: ``{time: hour, op: less_than, value: 12}``.

    A date is 2026-12-24, weekdays are Monday to Sunday, months and days of the month are numbers.
    """

    time: Literal["date", "hour", "weekday", "month", "day"] = Field(description="What of the moment.")

    @model_validator(mode="after")
    def compares_as_it_can(self) -> TimeTest:
        if self.op not in DATED if self.time == "date" else self.op in ("before", "after", "within_days"):
            raise complaint("compares a date by “is before” and “is after”, everything else by numbers and names")
        return self

    def words(self) -> str:
        return f"{TIMES[self.time]} where they live {self.comparison_words()}"

    def expression(self) -> str:
        return meets("now", self.time, self)


TESTS: dict[str, type[Any]] = {  # by the key that tells them apart
    "segment": ShownSegment,
    "property": ShownProperty,
    "feature": ShownFeature,
    "trigger": ShownTrigger,
    "language": LanguageTest,
    "place": PlaceTest,
    "outside": OutsideTest,
    "product": ProductTest,
    "time": TimeTest,
}


# ── as Jinja ──────────────────────────────────────────────────────────────────────────────────────────


def meets(whose: str, path: str, test: Comparison) -> str:
    """The expression that holds ``path`` of something against a test."""
    now = ", now" if test.op == "within_days" else ""
    return f"{whose} is meets({literal(path)}, {literal(test.op)}, {literal(test.value)}{now})"


def literal(value: Any) -> str:
    """A value as Jinja writes it; of a text only letters, digits and a few signs stand as they are."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return repr(value) if value >= 0 else literal(str(value))
    if isinstance(value, float):
        return literal(str(value))  # operators read numbers from texts, and Jinja knows no 1e300
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"({''.join(f'{literal(each)}, ' for each in value).rstrip()})"
    return '"' + "".join(map(_sign, str(value))) + '"'


def _sign(sign: str) -> str:
    if sign.isascii() and (sign.isalnum() or sign in " ._-:"):
        return sign
    return f"\\U{ord(sign):08x}" if ord(sign) > 0xFFFF else f"\\u{ord(sign):04x}"
