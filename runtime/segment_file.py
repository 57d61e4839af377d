"""The written form of segments: one in a file, or several under ``segments:``; read, checked in form, and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from ..nodes.complaints import complaints, spell
from ..nodes.slug import PATTERN
from .safe_yaml import Place, UnreadableText, dump, parse
from .segment_checks import KINDS, SegmentPart

MOST = 500


class SegmentFileProblem(ValueError):
    """The segment file cannot be read; correct the lines named and try again."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(dict.fromkeys(sentences))
        super().__init__("\n".join(self.sentences))


def read(text: str) -> dict[str, Any]:
    """The only segment of a file. Raises `SegmentFileProblem`."""
    found = read_all(text)
    if len(found) != 1:
        raise SegmentFileProblem(["The file has to hold one segment."])
    return found[0]


def read_all(text: str) -> list[dict[str, Any]]:
    """The segments of a file, as `segments.save` takes them, those first that others ask about may come later.

    Checks the form alone; whether what they ask about is there is checked when they are kept.
    """
    try:
        document, lines = parse(text)
    except UnreadableText as problem:
        raise SegmentFileProblem([_at(problem.line, problem.sentence)]) from None
    several = document.get("segments") if isinstance(document, dict) else None
    if isinstance(several, list) and isinstance(document, dict) and set(document) == {"segments"}:
        found = [(("segments", n), each) for n, each in enumerate(several)]
    else:
        found = [((), document)]
    if len(found) > MOST:
        raise SegmentFileProblem([f"There are more than {MOST} segments in the file; split it."])
    wrong = [sentence for place, each in found for sentence in _wrong(place, each, lines)]
    if wrong:
        raise SegmentFileProblem(wrong)
    return [{key: value for key, value in each.items() if value is not None} for _, each in found]


def write(segments: Iterable[Mapping[str, Any]]) -> str:
    """Segments as YAML: one as it is, several under ``segments:``."""
    kept = [{key: each[key] for key in SegmentPart.model_fields if key in each} for each in segments]
    return dump(kept[0] if len(kept) == 1 else {"segments": kept})


def schema() -> dict[str, Any]:
    """The JSON Schema of a segment file."""
    whole = SegmentPart.model_json_schema(by_alias=True)
    definitions = whole.pop("$defs")
    whole["properties"]["name"]["pattern"] = PATTERN
    whole["properties"]["kind"]["enum"] = list(KINDS)
    definitions["SegmentPart"] = whole
    one = {"$ref": "#/$defs/SegmentPart"}
    several = {
        "type": "object",
        "additionalProperties": False,
        "required": ["segments"],
        "properties": {"segments": {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sojourn segments",
        "anyOf": [one, several],
        "$defs": definitions,
    }


def _wrong(place: Place, given: Any, lines: Mapping[Place, int]) -> Iterable[str]:
    if not isinstance(given, dict):
        yield _at(lines.get(place), "A segment is a mapping that begins with name: and the segment's short name.")
        return
    try:
        SegmentPart.model_validate({key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        for inner, sentence in complaints(error):
            where = (*place, *inner)
            near = next((lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in lines), None)
            yield _at(near, f"{spell(where) or 'The segment'} {sentence}.")


def _at(line: int | None, sentence: str) -> str:
    return sentence if line is None else f"Line {line}: {sentence}"
