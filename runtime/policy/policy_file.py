"""The written form of the policy: read with a sentence and a line for every mistake, and written."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ...nodes.complaints import complaints, spell
from ..safe_yaml import Place, UnreadableText, dump, parse
from .policy import NOTHING_SET, Policy


class PolicyProblem(ValueError):
    """The policy cannot be kept as it is written; ``sentences`` say why."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(dict.fromkeys(sentences))
        super().__init__("\n".join(self.sentences))


def read(text: str) -> Policy:
    """The policy of a file in YAML or JSON. Raises `PolicyProblem`."""
    try:
        document, lines = parse(text)
    except UnreadableText as problem:
        raise PolicyProblem([_at(problem.line, problem.sentence)]) from None
    if document is None:
        return NOTHING_SET
    if not isinstance(document, dict):
        raise PolicyProblem(["A policy is a mapping of caps, quiet_hours and so on."])
    return checked(document, lines)


def checked(document: Mapping[str, Any], lines: Mapping[Place, int] | None = None) -> Policy:
    """The policy of plain data; what is null is left out. Raises `PolicyProblem`."""
    try:
        return Policy.model_validate(_without_null(document))
    except ValidationError as error:
        raise PolicyProblem(_sentences(error, lines or {})) from None


def write(policy: Policy) -> str:
    """The policy as YAML."""
    return dump(policy.written())


def schema() -> dict[str, Any]:
    """The JSON Schema of a policy file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Sojourn policy"}
    return {**Policy.model_json_schema(by_alias=True), **head}


# ── sentences ─────────────────────────────────────────────────────────────────────────────────────────


def _sentences(error: ValidationError, lines: Mapping[Place, int]) -> list[str]:
    unknown = {tuple(each["loc"]) for each in error.errors() if each["type"] == "extra_forbidden"}
    found = []
    for place, sentence in complaints(error):
        line = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), None)
        said = f"is not known here: {_nearest(place)}" if place in unknown else sentence
        stop = "" if said.endswith("?") else "."
        found.append((line or 0, _at(line, f"{spell(place) or 'The policy'} {said}{stop}")))
    return [sentence for _, sentence in sorted(found, key=lambda each: each[0])]


def _nearest(place: Place) -> str:
    """What may have been meant by a key nobody knows."""
    keys = _keys(place[:-1])
    near = difflib.get_close_matches(str(place[-1]), keys, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(keys)}"


def _keys(place: Place) -> list[str]:
    """The keys a place may have: down the models, as their fields lead."""
    model: type[BaseModel] = Policy
    for part in place:
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        if field is not None:
            model = next(iter(_models(field.annotation)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _without_null(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {key: _without_null(value) for key, value in given.items() if value is not None}
    return [_without_null(each) for each in given] if isinstance(given, list) else given


def _at(line: int | None, sentence: str) -> str:
    return sentence if line is None else f"Line {line}: {sentence}"
