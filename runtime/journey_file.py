"""The written form of a journey: journey.yaml, read and written by hand, by git and by programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema

from ..nodes.complaints import complaints, spell
from ..nodes.graph import JourneyGraph
from ..nodes.registry import node_types
from ..nodes.sending import medium_of
from ..nodes.slug import PATTERN
from .channels.channel import media
from .channels.medium import Medium
from .journey_parts import JourneyPart, LetterPart, MessagePart, NodePart
from .safe_yaml import Place, UnreadableText, dump, parse

LARGEST_LETTER_BYTES = 1_000_000


class JourneyFileProblem(ValueError):
    """The journey file cannot be read; correct the lines named and try again."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


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
    content |= _given(journey, "topic", "review_by")
    if journey.priority is not None:
        content["priority"] = journey.priority.model_dump(by_alias=True, exclude_none=True)
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


def _letter(part: LetterPart | MessagePart, folder: Path | None, line: int | None) -> dict[str, Any]:
    if isinstance(part, MessagePart):
        said = {key: value for key, value in (part.model_extra or {}).items() if value is not None}
        return {"medium": part.medium, **said}
    letter = part.model_dump(exclude_none=True, exclude={"mjml_file", "medium"})
    if part.mjml_file is not None:
        letter["mjml"] = _file(part.mjml_file, folder, line)
    return letter if "blocks" in letter else {"mjml": "", **letter}


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
    document = {
        "journey": content["name"],
        **_chosen(content, ("title", "description", "message_type", "topic", "review_by")),
    }
    if priority := content.get("priority"):
        document["priority"] = _chosen(priority, ("class", "weight"))
    if letters:
        document["letters"] = {name: _content(letters[name]) for name in sorted(letters)}
    document["nodes"] = {node_id: _written(nodes[node_id]) for node_id in _in_order(content)}
    if notes := content.get("notes"):
        document["notes"] = {name: _chosen(notes[name], ("text", "at", "size")) for name in sorted(notes)}
    return dump(document)


def _content(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A letter, or a message with its fields in the order of its form."""
    medium = medium_of(entry)
    if medium == "email":
        return _chosen(entry, tuple(LetterPart.model_fields))
    declared = [*media()[medium].form.model_fields] if medium in media() else []
    return _chosen(entry, ("medium", *declared, *sorted({*entry} - {"medium", *declared})))


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
    definitions["MessagePart"]["allOf"] = [
        {"if": {"properties": {"medium": {"const": name}}}, "then": {"properties": _fields_of(medium)}}
        for name, medium in media().items()
        if name != "email"
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sojourn journey",
        **refs[JourneyPart, "validation"],
        "$defs": definitions,
    }


def _fields_of(medium: Medium) -> dict[str, Any]:
    return medium.form.model_json_schema()["properties"]
