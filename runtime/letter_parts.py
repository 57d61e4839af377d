"""What a letter's source is made of, wherever it is kept: in a journey, in a template, in a file, in a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ..nodes.complaints import complaints, spell
from ..storage.columns import dump

LARGEST = 1_500_000  # characters of one letter as JSON
MOST_BLOCKS = 200

Line = Annotated[str, StringConstraints(max_length=998)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
BlockId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Day = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Language = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class NoSuchShape(ValueError):
    """This is not a letter as they are kept here; correct what is named and save it again."""


class Part(BaseModel):
    """Nothing that has no meaning gets in; what is empty is left out."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def empty_is_left_out(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class PinPart(Part):
    """A template or a shared block, and the version of it that was taken."""

    name: Name = Field(description="Its short name.")
    version: int = Field(0, ge=0, strict=True, description="The version that was copied; 0 where none was saved yet.")


class BlockPart(Part):
    """One block of a letter."""

    id: BlockId = Field(description="Its name within the letter; languages refer to it.")
    kind: Name = Field(description="What the block is, such as hero, text or footer.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Its settings, as its kind declares them.")
    show_if: dict[str, Any] | None = Field(None, description="A rule: only people it holds for see the block.")
    group: Line | None = Field(None, description="Of blocks with one group the first whose rule holds is shown.")
    shared: PinPart | None = Field(None, description="The shared block it is a copy of.")


class TranslationPart(Part):
    """What the letter says in one more language; what is left out is said as in the letter."""

    subject: Line | None = Field(None, description="The subject.")
    preheader: Line | None = Field(None, description="The preview line.")
    text: str | None = Field(None, description="The text part.")
    mjml: str | None = Field(None, description="The whole letter in MJML, where it is written so.")
    blocks: dict[BlockId, dict[str, Any]] | None = Field(None, description="Settings by the ids of blocks.")


class UtmPart(Part):
    """What is put behind its links for your web statistics."""

    source: Line | None = Field(None, description="utm_source")
    medium: Line | None = Field(None, description="utm_medium")
    campaign: Line | None = Field(None, description="utm_campaign")
    content: Line | None = Field(None, description="utm_content")
    term: Line | None = Field(None, description="utm_term")


class TrackingPart(Part):
    """What is counted of it."""

    opens: bool | None = Field(None, description="Whether openings are counted.")
    clicks: bool | None = Field(None, description="Whether clicks are counted.")


class LetterPart(Part):
    """A letter, under the name that steps call it by."""

    subject: Line = Field("", description="The subject, such as Hello {{ contact.first_name }}.")
    preheader: Line = Field("", description="The line that mail programs show behind the subject.")
    mjml: str | None = Field(None, description="The letter in MJML with Jinja.")
    blocks: list[BlockPart] | None = Field(None, max_length=MOST_BLOCKS, description="Or: the blocks it is made of.")
    text: str | None = Field(None, description="The text part; made from the letter when left out.")
    medium: Literal["email"] | None = Field(None, description="email, or left out.")
    kit: dict[str, Any] | None = Field(None, description="The brand kit as it was when the letter was copied.")
    language: str | None = Field(None, description="The language it is written in, such as en.")
    languages: dict[str, TranslationPart] | None = Field(None, description="The same letter in other languages.")
    utm: UtmPart | None = Field(None, description="Words behind its links for your web statistics.")
    tracking: TrackingPart | None = Field(None, description="What is counted of it.")
    conversion_days: int | None = Field(None, ge=0, le=365, description="For so many days orders count as its own.")
    template: PinPart | None = Field(None, description="The template it was copied from.")
    review_by: Day | None = Field(None, description="The day by which somebody has to look it over again: 2027-01-31.")

    @field_validator("language")
    @classmethod
    def is_a_language(cls, code: str | None) -> str | None:
        if code and not Language.fullmatch(code):
            raise PydanticCustomError("language", "has to be a language code such as en or pt-BR")
        return code

    @field_validator("languages")
    @classmethod
    def are_languages(cls, given: dict[str, TranslationPart] | None) -> dict[str, TranslationPart] | None:
        for code in given or ():
            cls.is_a_language(code)
        return given

    @field_validator("blocks")
    @classmethod
    def blocks_have_their_own_ids(cls, blocks: list[BlockPart] | None) -> list[BlockPart] | None:
        ids = [block.id for block in blocks or ()]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice:
            raise PydanticCustomError("blocks", "has two blocks called “{id}”; give one another id", {"id": twice})
        return blocks

    @model_validator(mode="after")
    def one_source(self) -> LetterPart:
        given = [name for name in ("mjml", "mjml_file", "blocks") if getattr(self, name, None) not in (None, "")]
        if len(given) > 1:
            words = f"has both {given[0]} and {given[1]}; keep one"
            raise PydanticCustomError("letter", "{words}", {"words": words})
        if self.blocks is not None:
            self.mjml = None
        return self


class SharedBlockPart(Part):
    """A block that several letters share."""

    kind: Name = Field(description="What the block is.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Its settings.")
    languages: dict[str, dict[str, Any]] | None = Field(None, description="Its settings in other languages.")


def checked_letter(source: Mapping[str, Any]) -> dict[str, Any]:
    """The letter with what is empty left out. Raises `NoSuchShape`."""
    return _checked(LetterPart, source)


def checked_block(content: Mapping[str, Any]) -> dict[str, Any]:
    """The shared block. Raises `NoSuchShape`."""
    return _checked(SharedBlockPart, content)


def _checked(part: type[Part], given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        made = part.model_validate(dict(given)).model_dump(exclude_none=True)
    except ValidationError as error:
        said = " ".join(f"{spell(place)} {sentence}.".strip() for place, sentence in complaints(error))
        raise NoSuchShape(said[:1].upper() + said[1:]) from None
    try:
        written = dump(made)
    except TypeError:
        raise NoSuchShape("The letter holds half a character (a lone surrogate); type it again without it.") from None
    if "\\u0000" in written:
        raise NoSuchShape("The letter holds a character that cannot be seen (NUL); type it again without it.")
    if len(written) > LARGEST:
        raise NoSuchShape("The letter is larger than 1.5 MB; keep pictures as addresses, not inside it.")
    return made
