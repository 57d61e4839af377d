"""The written form of a journey: journey.yaml, read and written by hand, by git and by programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import networkx as nx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticCustomError

from ..nodes.complaints import complaints, spell
from ..nodes.graph import JourneyGraph
from ..nodes.registry import node_types
from ..nodes.slug import PATTERN
from .plain_words import fault
from .safe_yaml import Place, UnreadableText, dump, parse

LARGEST_LETTER_BYTES = 1_000_000


class JourneyFileProblem(ValueError):
    """The journey file cannot be read; correct the lines named and try again."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def _two_numbers(pair: list[Any] | None) -> list[Any] | None:
    if pair is not None and [type(each) in (int, float) for each in pair] != [True, True]:
        raise PydanticCustomError("pair", "has to be two numbers: [x, y]")
    return pair


def _plain(text: str) -> str:
    if said := fault(text, lines=True):
        raise PydanticCustomError("plain", "{said}", {"said": said})
    return text


Words = Annotated[str, AfterValidator(_plain)]  # as on the canvas: nothing a browser could take for orders


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def empty_is_left_out(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class LetterPart(_Part):
    """A letter, under the name that steps call it by."""

    subject: str = Field("", max_length=998, description="The subject, such as Hello {{ contact.first_name }}.")
    preheader: str = Field("", max_length=998, description="The line that mail programs show behind the subject.")
    mjml: str | None = Field(None, description="The letter in MJML with Jinja.")
    mjml_file: str | None = Field(None, description="Or: a file with it, in the folder of this journey file or below.")
    text: str | None = Field(None, description="The text part; made from the letter when left out.")

    @model_validator(mode="after")
    def one_source(self) -> LetterPart:
        if self.mjml is not None and self.mjml_file is not None:
            raise PydanticCustomError("letter", "has both mjml and mjml_file; keep one")
        return self


class NodePart(_Part):
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


class NotePart(_Part):
    """A note somebody stuck on the canvas, under its id."""

    text: Words = Field("", max_length=4_000, description="What it says.")
    at: list[Any] | None = Field(None, description="Where it stands on the canvas: [x, y].")
    size: list[Any] | None = Field(None, description="How large it is: [width, height].")

    @field_validator("at", "size")
    @classmethod
    def two_numbers(cls, pair: list[Any] | None) -> list[Any] | None:
        return _two_numbers(pair)


class JourneyPart(_Part):
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
    letters: dict[str, LetterPart] = Field(default_factory=dict, description="The letters by their names.")
    nodes: dict[str, NodePart] = Field(default_factory=dict, description="The steps by their ids.")
    notes: dict[str, NotePart] = Field(default_factory=dict, description="Notes on the canvas, by their ids.")


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────


def read(text: str, folder: Path | None = None) -> dict[str, Any]:
    """The content of a journey from YAML or JSON; ``folder`` is where ``mjml_file`` may look.

    Checks the form alone; what the journey means is checked by `JourneyGraph`. Raises JourneyFileProblem.
    """
    try:
        document, lines = parse(text)
    except UnreadableText as problem:
        raise JourneyFileProblem([_at(problem.line, problem.sentence)]) from None
    if not isinstance(document, dict):
        raise JourneyFileProblem(["A journey file is a mapping that begins with journey: and the journey's name."])
    try:
        journey = JourneyPart.model_validate(document)
    except ValidationError as error:
        found = [_sentence(place, sentence, lines) for place, sentence in complaints(error)]
        raise JourneyFileProblem(list(dict.fromkeys(found))) from None
    content = {"name": journey.journey, **_given(journey, "title", "description"), "message_type": journey.message_type}
    content |= _given(journey, "topic")
    content["nodes"] = {node_id: _node(part) for node_id, part in journey.nodes.items()}
    content["letters"] = {
        name: _letter(part, folder, lines.get(("letters", name, "mjml_file"))) for name, part in journey.letters.items()
    }
    if journey.notes:
        content["notes"] = {
            name: {"text": note.text, **_given(note, "at", "size")} for name, note in journey.notes.items()
        }
    return content


def _node(part: NodePart) -> dict[str, Any]:
    exits = {_first_port(part.kind, part.settings): part.next} if isinstance(part.next, str) else part.next
    node = {"kind": part.kind, **_given(part, "title"), "settings": part.settings, "next": exits}
    return node | ({"at": part.at} if part.at else {})


def _letter(part: LetterPart, folder: Path | None, line: int | None) -> dict[str, Any]:
    mjml = part.mjml or ""
    if part.mjml_file is not None:
        mjml = _file(part.mjml_file, folder, line)
    return {"subject": part.subject, "preheader": part.preheader, "mjml": mjml, **_given(part, "text")}


def _file(name: str, folder: Path | None, line: int | None) -> str:
    """A file inside the folder, wherever links and dots lead."""
    if folder is None:
        raise JourneyFileProblem([_at(line, "mjml_file works only for a file on disk; write the letter under mjml.")])
    try:
        path = (folder / name).resolve()
        inside = path.is_relative_to(folder.resolve()) and path.is_file()
        if inside and path.stat().st_size <= LARGEST_LETTER_BYTES:
            return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        inside = False
    why = "is larger than 1 MB" if inside else "cannot be read as a text file in the folder of the journey file"
    raise JourneyFileProblem([_at(line, f"mjml_file: {name} {why}.")])


def _first_port(kind: str, settings: Mapping[str, Any]) -> str:
    """The usual way out of such a step; of one that cannot be made, the usual one of all."""
    type_ = node_types().get(kind)
    try:
        ports = type_("", settings).ports() if type_ else ()
    except ValidationError:
        ports = ()
    return ports[0].name if ports else "next"


def _given(part: BaseModel, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(part, name)) is not None}


def _sentence(place: Place, sentence: str, lines: Mapping[Place, int]) -> str:
    near = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), None)
    return _at(near, f"{spell(place)} {sentence}.")


def _at(line: int | None, sentence: str) -> str:
    return sentence if line is None else f"Line {line}: {sentence}"


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────


def write(content: Mapping[str, Any]) -> str:
    """The journey as YAML: steps in the order people meet them, the same text for the same content."""
    nodes, letters = content.get("nodes") or {}, content.get("letters") or {}
    document = {"journey": content["name"], **_chosen(content, ("title", "description", "message_type", "topic"))}
    if letters:
        document["letters"] = {
            name: _chosen(letters[name], ("subject", "preheader", "mjml", "text")) for name in sorted(letters)
        }
    document["nodes"] = {node_id: _written(nodes[node_id]) for node_id in _in_order(content)}
    if notes := content.get("notes"):
        document["notes"] = {name: _chosen(notes[name], ("text", "at", "size")) for name in sorted(notes)}
    return dump(document)


def _in_order(content: Mapping[str, Any]) -> list[str]:
    journey = JourneyGraph(content)
    if not nx.is_directed_acyclic_graph(journey.graph):
        return journey.ids
    return list(
        nx.lexicographical_topological_sort(journey.graph, key=lambda node: (node not in journey.triggers, node))
    )


def _written(node: Mapping[str, Any]) -> dict[str, Any]:
    settings, exits = node.get("settings") or {}, node.get("next") or {}
    written = _chosen(node, ("kind", "title"))
    if settings:
        written["settings"] = _in_declared_order(node.get("kind", ""), settings)
    if exits:
        first = _first_port(node.get("kind", ""), settings)
        written["next"] = exits[first] if [*exits] == [first] else {port: exits[port] for port in sorted(exits)}
    if node.get("at"):
        written["at"] = node["at"]
    return written


def _in_declared_order(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    type_ = node_types().get(kind)
    declared = [field.alias or name for name, field in type_.Settings.model_fields.items()] if type_ else []
    return _chosen(settings, (*declared, *sorted({*settings} - {*declared})))


def _chosen(entry: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: entry[name] for name in names if name in entry}


# ── the schema ────────────────────────────────────────────────────────────────────────────────────────


def schema() -> dict[str, Any]:
    """The JSON Schema of a journey file, with the settings of every kind that is installed here."""
    types = node_types()
    models = [JourneyPart, *(type_.Settings for type_ in types.values())]
    refs, whole = models_json_schema([(model, "validation") for model in dict.fromkeys(models)], by_alias=True)
    definitions = whole["$defs"]
    journey = definitions["JourneyPart"]["properties"]
    journey["journey"]["pattern"] = PATTERN
    journey["nodes"]["minProperties"] = 1
    for part in ("nodes", "letters"):
        journey[part]["propertyNames"] = {"pattern": PATTERN}
    node = definitions["NodePart"]
    node["properties"]["kind"]["enum"] = list(types)
    node["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"properties": {"settings": refs[type_.Settings, "validation"]}},
        }
        for kind, type_ in types.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sojourn journey",
        **refs[JourneyPart, "validation"],
        "$defs": definitions,
    }
