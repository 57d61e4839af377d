"""What a journey file is made of: the journey, its priority, letters, steps and notes, each with its keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)
from pydantic_core import PydanticCustomError

from .letter_parts import Day, Part
from .letter_parts import LetterPart as LetterSource
from .plain_words import fault


def _two_numbers(pair: list[Any] | None) -> list[Any] | None:
    if pair is not None and [type(each) in (int, float) for each in pair] != [True, True]:
        raise PydanticCustomError("pair", "has to be two numbers: [x, y]")
    return pair


def _plain(text: str) -> str:
    if said := fault(text, lines=True):
        raise PydanticCustomError("plain", "{said}", {"said": said})
    return text


Words = Annotated[str, AfterValidator(_plain)]  # as on the canvas: nothing a browser could take for orders


class LetterPart(LetterSource):
    """A letter, under the name that steps call it by."""

    mjml_file: str | None = Field(None, description="Or: a file with it, in the folder of this journey file or below.")


class MessagePart(BaseModel):
    """A message that is no letter, under the name that steps call it by. The other keys depend on the medium."""

    model_config = ConfigDict(extra="allow")

    medium: str = Field(max_length=64, description="What it goes by: sms, push, web_push, in_app, direct_mail, ….")


def _sort_of(entry: Any) -> str:
    medium = entry.get("medium") if isinstance(entry, dict) else getattr(entry, "medium", None)
    return LETTER if medium in (None, "email") else MESSAGE


LETTER, MESSAGE = "(letter)", "(message)"
ContentPart = Annotated[
    Annotated[LetterPart, Tag(LETTER)] | Annotated[MessagePart, Tag(MESSAGE)], Discriminator(_sort_of)
]


class NodePart(Part):
    """A step, under its id."""

    kind: str = Field(description="What the step is; see the list of steps.")
    title: Words | None = Field(None, max_length=200, description="Its name on the canvas.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of its kind.")
    next: str | dict[str, str] = Field(
        default_factory=dict, description="The id of the step behind the first way out; or each way out with its step."
    )
    at: list[Any] | None = Field(None, description="Where it stands on the canvas: [x, y].")

    @field_validator("next", mode="before")
    @classmethod
    def next_names_steps(cls, given: Any) -> Any:
        steps = given.values() if isinstance(given, dict) else [given]
        if not all(isinstance(step, str) for step in steps):
            raise PydanticCustomError("next", "has to be the id of a step, or a mapping of ways out to ids of steps")
        return given

    @field_validator("at")
    @classmethod
    def at_is_a_place(cls, place: list[Any] | None) -> list[Any] | None:
        return _two_numbers(place)


class NotePart(Part):
    """A note somebody stuck on the canvas, under its id."""

    text: Words = Field("", max_length=4_000, description="What it says.")
    at: list[Any] | None = Field(None, description="Where it stands on the canvas: [x, y].")
    size: list[Any] | None = Field(None, description="How large it is: [width, height].")

    @field_validator("at", "size")
    @classmethod
    def two_numbers(cls, pair: list[Any] | None) -> list[Any] | None:
        return _two_numbers(pair)


class PriorityPart(Part):
    """How a journey stands among the others when two want to write to the same person."""

    class_: Literal["automation", "lifecycle", "promo"] | None = Field(
        None,
        alias="class",
        description="automation goes before lifecycle, and that before promo. Left out: by how people come in, an "
        "event or the API is automation, a segment lifecycle, a schedule promo. Transactional journeys go before all.",
    )
    weight: int = Field(50, ge=0, le=100, strict=True, description="Within its class the larger goes first.")


class JourneyPart(Part):
    """A journey."""

    journey: str = Field(description="Name of the journey: small letters, digits, - and _.")
    title: Words | None = Field(None, max_length=200, description="Its name for people.")
    description: Words | None = Field(None, max_length=10_000, description="What it is for.")
    message_type: Literal["marketing", "reengagement", "transactional"] = Field(
        "marketing",
        description="marketing needs consent, and a line to unsubscribe is put where a letter has none; "
        "reengagement is marketing that also goes to people who have not been seen for long.",
    )
    topic: str | None = Field(None, max_length=64, description="Consent topic of its marketing, such as news.")
    review_by: Day | None = Field(None, description="The day by which somebody has to look it over again: 2027-01-31.")
    priority: PriorityPart | None = Field(None, description="Its standing among the journeys: class and weight.")
    letters: dict[str, ContentPart] = Field(
        default_factory=dict, description="The letters by their names, and messages of other media."
    )
    nodes: dict[str, NodePart] = Field(default_factory=dict, description="The steps by their ids.")
    notes: dict[str, NotePart] = Field(default_factory=dict, description="Notes on the canvas, by their ids.")
