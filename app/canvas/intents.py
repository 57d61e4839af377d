"""What a canvas may ask for: the only shapes that get past the door, and how large they may be."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails

from ...nodes.checks import MOST_LETTERS, MOST_NODES
from ...runtime.letter_parts import Day, LetterPart

DEEPEST = 24  # lists and mappings inside each other
MOST_PARTS = 60_000  # values in one intent
LARGEST = 400_000  # characters in one intent
LARGEST_LETTERS = 1_500_000  # characters in one intent that brings letters

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
FreshId = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
EdgeId = Annotated[str, StringConstraints(min_length=3, max_length=200)]  # "<source>:<port>"
Place = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Size = Annotated[float, Field(ge=40, le=4_000, allow_inf_nan=False)]
Title = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


NOT_UNDERSTOOD = "The canvas does not know what to do with this; nothing was changed. Load the page anew."
_NAMED = {
    "title": "The title", "description": "The description", "topic": "The topic", "text": "The text",
    "subject": "The subject", "preheader": "The preview line", "mjml": "The letter",
    "blocks": "The list of blocks", "letters": "The list of letters",
    "nodes": "The list of steps", "moves": "The list of steps", "edges": "The list of wires",
    "notes": "The list of notes", "x": "The place", "y": "The place", "w": "The size", "h": "The size",
    "weight": "The weight", "review_by": "The day to look at it again",
}  # fmt: skip


class Refused(Exception):
    """The journey stays as it is; the message says why, to the person who asked."""


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Way(_Intent):
    """A way out of a step."""

    node: Id
    port: Id


class Add(_Intent):
    op: Literal["add"]
    kind: Id
    x: Place
    y: Place
    from_: Way | None = Field(None, alias="from")
    on_edge: EdgeId | None = None
    as_: FreshId | None = Field(None, alias="as")  # the id under which a browser without a line has drawn it


class Move(_Intent):
    op: Literal["move"]
    moves: dict[Id, tuple[Place, Place]] = Field(min_length=1, max_length=MOST_NODES)
    label: Annotated[str, StringConstraints(max_length=60)] = "Move"


class Connect(_Intent):
    op: Literal["connect"]
    source: Id
    port: Id
    target: Id


class Disconnect(_Intent):
    op: Literal["disconnect"]
    edges: list[EdgeId] = Field(min_length=1, max_length=MOST_NODES * 2)


class Configure(_Intent):
    op: Literal["configure"]
    node: Id
    settings: dict[str, Any] | None = None
    title: Title | None = None


class Delete(_Intent):
    op: Literal["delete"]
    nodes: list[Id] = Field(default_factory=list, max_length=MOST_NODES)
    edges: list[EdgeId] = Field(default_factory=list, max_length=MOST_NODES * 2)
    notes: list[Id] = Field(default_factory=list, max_length=500)


class Copy(_Intent):
    op: Literal["copy"]
    nodes: list[Id] = Field(min_length=1, max_length=MOST_NODES)


class Paste(_Intent):
    op: Literal["paste"]
    x: Place
    y: Place


class Duplicate(_Intent):
    op: Literal["duplicate"]
    nodes: list[Id] = Field(min_length=1, max_length=MOST_NODES)


class Note(_Intent):
    op: Literal["note"]
    id: Id | None = None
    text: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    x: Place | None = None
    y: Place | None = None
    w: Size | None = None
    h: Size | None = None
    as_: FreshId | None = Field(None, alias="as")


class LetterSource(LetterPart):
    """A letter, as source or made of blocks."""

    mjml: Annotated[str, StringConstraints(max_length=1_000_000)] | None = None
    text: Annotated[str, StringConstraints(max_length=200_000)] | None = None

    @model_validator(mode="after")
    def source_is_there(self) -> LetterSource:
        if self.blocks is None and self.mjml is None:
            self.mjml = ""
        return self


class MessageSource(BaseModel):
    """A message that is no letter; what it says is checked by the form of its medium."""

    model_config = ConfigDict(extra="allow")

    medium: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Standing(_Intent):
    """How the journey stands among the others; without a class it follows from how people come in."""

    class_: Literal["automation", "lifecycle", "promo"] | None = Field(None, alias="class")
    weight: Annotated[int, Field(ge=0, le=100, strict=True)] = 50


class AboutJourney(_Intent):
    """The journey's own words and its letters: a letter given as null is taken away, others stay."""

    op: Literal["journey"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] | None = None
    description: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    message_type: Literal["marketing", "reengagement", "transactional"] | None = None
    topic: Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)] | None = None
    review_by: Day | Literal[""] | None = None
    priority: Standing | None = None
    letters: dict[Id, LetterSource | MessageSource | None] = Field(default_factory=dict, max_length=MOST_LETTERS)


class Undo(_Intent):
    op: Literal["undo"]


class Redo(_Intent):
    op: Literal["redo"]


class Mend(_Intent):
    """Carry out the safe fix of a problem, named by its place among the node's problems, or by its sentence."""

    op: Literal["fix"]
    node: Id | None = None
    problem: int | Annotated[str, StringConstraints(max_length=2_000)]


Intent = Annotated[
    Add | Move | Connect | Disconnect | Configure | Delete | Copy | Paste | Duplicate | Note | AboutJourney | Undo
    | Redo | Mend,
    Field(discriminator="op"),
]  # fmt: skip
_READER: TypeAdapter[Intent] = TypeAdapter(Intent)


def read(raw: Any) -> Intent:
    """The intent a browser sent. Raises `Refused` with a sentence for anything else."""
    measure(raw, LARGEST_LETTERS if isinstance(raw, dict) and raw.get("op") == "journey" else LARGEST)
    try:
        return _READER.validate_python(raw)
    except ValidationError as error:
        raise Refused(_said(error.errors(include_url=False)[0])) from None


def _said(details: ErrorDetails) -> str:
    """What does not fit, as a sentence for whoever drew it: no name of a field, no word of pydantic."""
    named = next((_NAMED[str(part)] for part in reversed(details["loc"]) if str(part) in _NAMED), None)
    most = (details.get("ctx") or {}).get("max_length")
    if named and details["type"] == "string_too_long":
        return f"{named} is too long: {most:,} characters are the most."
    if named and details["type"] == "too_long":
        return f"{named} is too long: {most:,} at once are the most."
    if named and details["type"] in ("string_too_short", "too_short"):
        return f"{named} must not be empty."
    if named and details["type"] in ("less_than_equal", "greater_than_equal", "finite_number"):
        return f"{named} lies outside of what the canvas holds."
    return NOT_UNDERSTOOD


def measure(raw: Any, largest: int = LARGEST) -> None:
    """Refuse what is too large, too deep, or cannot be stored on every store, before anything else looks at it."""
    rest = largest
    parts = 0
    ahead: list[tuple[Any, int]] = [(raw, 1)]
    while ahead:
        value, depth = ahead.pop()
        parts += 1
        if depth > DEEPEST or parts > MOST_PARTS:
            raise Refused("This is nested too deeply or has too many parts; nothing was changed.")
        if isinstance(value, str):
            rest -= len(value)
            if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
                raise Refused("A text holds characters that cannot be kept; nothing was changed.")
        elif isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                raise Refused("A name is no text; nothing was changed.")
            ahead += [(key, depth + 1) for key in value]
            ahead += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list | tuple):
            ahead += [(each, depth + 1) for each in value]
        elif isinstance(value, float):
            if not isfinite(value):
                raise Refused("A number is not finite; nothing was changed.")
        elif isinstance(value, int) and not isinstance(value, bool):
            if abs(value) > 2**53:
                raise Refused("A whole number is too large; nothing was changed.")
        elif value is not None and not isinstance(value, bool):
            raise Refused("A value is of an unknown sort; nothing was changed.")
        if rest < 0:
            raise Refused("This is too large to keep; nothing was changed.")
