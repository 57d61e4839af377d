"""What rules of the policy are made of, and the rules that hold a message back: caps and hours."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictInt,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ...nodes.slug import Slug
from ..feature_catalogue import FEATURES
from .lengths import DAY_MS, HOUR_MS, Clock, Length

Class = Literal["transactional", "automation", "lifecycle", "promo"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
When = Literal["failed", "blocked", "no_address", "no_consent", "capped", "expired", "unopened"]
CLASSES: tuple[Class, ...] = ("transactional", "automation", "lifecycle", "promo")  # best first: the place is the rank
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIGURES = tuple(each.name for each in FEATURES if each.type == "number" and not each.virtual)
MOST = 100  # rules of one sort


def _once(found: list[Any]) -> list[Any]:
    if len(set(found)) < len(found):
        raise PydanticCustomError("twice", "names something twice; keep one")
    return found


def _figure(name: str) -> str:
    if name not in FIGURES:
        near = difflib.get_close_matches(name, FIGURES, n=1)
        said = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(FIGURES)}"
        raise PydanticCustomError("figure", "cannot be “{name}”: {said}", {"name": name[:80], "said": said})
    return name


Once = AfterValidator(_once)
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Word = Annotated[str, Field(min_length=1, max_length=120)]
Channels = Annotated[list[Slug], Once, Field(max_length=MOST)]
Classes = Annotated[list[Class], Once]
Countries = Annotated[list[Country], Once, Field(max_length=250)]
Days = Annotated[list[Weekday], Once]


class Part(BaseModel):
    """A part of the policy: what is left out has its default, what is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

    @model_serializer(mode="wrap")
    def _without_nothing(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is empty when left out is left out; other defaults are written, so that a release changes no policy."""
        fields = {field.alias or name: field for name, field in type(self).model_fields.items()}
        return {
            name: value
            for name, value in whole(self).items()
            if value not in (None, [], {}) or fields[name].get_default(call_default_factory=True) not in (None, [], {})
        }


def ranks_of(classes: list[Class]) -> frozenset[int]:
    """The ranks a rule is about: no classes named means all but transactional."""
    return frozenset(CLASSES.index(each) for each in classes) if classes else frozenset((1, 2, 3))


# ── caps ──────────────────────────────────────────────────────────────────────────────────────────────


class Allowance(Part):
    """How many messages fit somebody, by a figure kept about them."""

    feature: Annotated[str, AfterValidator(_figure)] = Field(
        title="The figure", description="What decides, such as engagement.", json_schema_extra={"among": "figures"}
    )
    table: list[tuple[float, Annotated[StrictInt, Field(ge=0, le=1000)]]] = Field(
        min_length=1,
        max_length=50,
        title="How many",
        description="From which figure on how many messages, such as 1 from 0, 2 from 20, 4 from 60. Below the first "
        "line, and for somebody who has no such figure, the first line holds.",
        json_schema_extra={"format": "steps"},
    )

    @model_validator(mode="after")
    def rises(self) -> Allowance:
        figures = [figure for figure, _ in self.table]
        if any(later <= earlier for earlier, later in pairwise(figures)):
            raise PydanticCustomError("table", "has lines out of order: the first number of each has to be the larger")
        return self

    def of(self, figure: float | None) -> int:
        """How many somebody with this figure may have."""
        fits = [most for least, most in self.table if figure is not None and figure >= least]
        return fits[-1] if fits else self.table[0][1]


class Cap(Part):
    """So many messages in such a time."""

    name: Slug = Field(title="Short name", description="Decisions and journeys say it.")
    max: Annotated[StrictInt, Field(ge=0, le=1000)] | None = Field(
        None, title="At most", description="How many messages in the time."
    )
    by: Allowance | None = Field(
        None, title="Or by a figure", description="How many depends on a figure kept about the contact."
    )
    per: Length = Field(alias="in", title="In how long", description="Such as 24 hours, 7 days or 2 weeks.")
    window: Literal["rolling", "calendar"] = Field(
        "rolling",
        title="Counted",
        description="From when on messages are counted.",
        json_schema_extra={
            "words": {
                "rolling": "in the time before the message",
                "calendar": "since midnight (1 day) or since Monday (7 days) where they live",
            }
        },
    )
    channels: Channels = Field(
        default_factory=list,
        description="The channels it counts and holds; none named: all.",
        json_schema_extra={"among": "channels"},
    )
    topics: Annotated[list[Word], Once, Field(max_length=MOST)] = Field(
        default_factory=list,
        description="The topics it counts and holds; none named: all.",
        json_schema_extra={"among": "topics"},
    )
    classes: Classes = Field(
        default_factory=list,
        description="The classes it counts and holds; none named: all but transactional.",
    )
    when_hit: Literal["defer", "skip", "other_way", "leave"] = Field(
        "defer",
        title="What is too much",
        description="What becomes of a message there is no room for.",
        json_schema_extra={
            "words": {
                "defer": "waits until there is room",
                "skip": "is left out, and the journey goes on",
                "other_way": "goes on by the way for a failed message",
                "leave": "makes the contact leave the journey",
            }
        },
    )
    defer_at_most: Length = Field(72 * HOUR_MS, title="Waits at most", description="Then it is left out after all.")

    @model_validator(mode="after")
    def one_number(self) -> Cap:
        if (self.max is None) == (self.by is None):
            raise PydanticCustomError("cap", "needs either max or by: how many messages it allows")
        if self.per == 0:
            raise PydanticCustomError("cap", "needs a time longer than nothing under in")
        if self.window == "calendar" and self.per not in (DAY_MS, 7 * DAY_MS):
            raise PydanticCustomError("cap", "counts since midnight or since Monday, so in has to be 1 day or 7 days")
        return self

    @cached_property
    def ranks(self) -> frozenset[int]:
        """The ranks it counts and holds."""
        return ranks_of(self.classes)

    def concerns(self, channel: str, topic: str, rank: int) -> bool:
        """Whether it counts, and so holds, such a message."""
        return (
            rank in self.ranks
            and (not self.channels or channel in self.channels)
            and (not self.topics or topic in self.topics)
        )

    def allowed(self, figures: Mapping[str, Any]) -> int:
        """How many somebody with these figures may have."""
        if self.by is None:
            return self.max or 0
        return self.by.of(figures.get(self.by.feature))


# ── hours ─────────────────────────────────────────────────────────────────────────────────────────────


class Hours(Part):
    """Hours of the day where the contact lives."""

    channels: Channels = Field(
        default_factory=list,
        description="For which channels; none named: all.",
        json_schema_extra={"among": "channels"},
    )
    classes: Classes = Field(default_factory=list, description="For which classes; none named: all but transactional.")
    countries: Countries = Field(
        default_factory=list,
        description="For people in which countries, such as CZ; none named: everywhere.",
        json_schema_extra={"among": "countries"},
    )
    days: Days = Field(default_factory=list, description="On which days; none named: every day.")
    start: Clock = Field(alias="from", description="From this time of day, in the contact's own zone.")
    end: Clock = Field(alias="to", description="To this time of day; earlier than from: the next morning.")
    spread_minutes: StrictInt = Field(
        60,
        ge=0,
        le=1440,
        title="Spread over minutes",
        description="What waited goes out over so many, not all at once.",
    )

    @model_validator(mode="after")
    def lasts(self) -> Hours:
        if self.start == self.end or self.start == 24 * 60:
            raise PydanticCustomError("hours", "has to begin and end at different times; 00:00 to 24:00 is a whole day")
        return self

    @cached_property
    def ranks(self) -> frozenset[int]:
        """The ranks it is about."""
        return ranks_of(self.classes)

    @cached_property
    def weekdays(self) -> frozenset[int]:
        """The days it is about, Monday is 0; of hours over midnight the day they begin."""
        return frozenset(WEEKDAYS.index(day) for day in self.days) if self.days else frozenset(range(7))

    def concerns(self, channel: str, rank: int, country: str | None) -> bool:
        """Whether it is about such a message to somebody in this country."""
        return (
            rank in self.ranks
            and (not self.channels or channel in self.channels)
            and (not self.countries or country in self.countries)
        )


_HOLIDAYS: Any = {"words": {"quiet": "nothing goes out", "as_usual": "as on any other day"}}


class QuietHours(Hours):
    """Hours in which nothing goes out."""

    holidays: Literal["quiet", "as_usual"] = Field(
        "as_usual", title="Public holidays", description="Those of the contact's country.", json_schema_extra=_HOLIDAYS
    )


class WorkingHours(Hours):
    """The only hours in which something goes out."""

    holidays: Literal["quiet", "as_usual"] = Field(
        "quiet", title="Public holidays", description="Those of the contact's country.", json_schema_extra=_HOLIDAYS
    )
