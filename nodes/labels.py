"""What settings and their values are called in front of people; never as they stand in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .complaints import Place


def label(name: str, info: FieldInfo | None = None) -> str:
    """A setting's name: the title it declares, else its name without underscores."""
    return (info.title if info else None) or name.strip("_").replace("_", " ").capitalize()


def value_words(info: FieldInfo, value: Any) -> str | None:
    """One of a few values as the setting's ``words`` have it (``json_schema_extra``); None when it has none for it."""
    extra = info.json_schema_extra
    said = extra.get("words") if isinstance(extra, Mapping) else None
    found = said.get(value) if isinstance(said, Mapping) and isinstance(value, str) else None
    return str(found) if found is not None else None


def subject(model: type[BaseModel], place: Place) -> str:
    """A place inside settings by its labels: Rule · Property. Entries of lists are counted from 1."""
    said: list[str] = []
    among: list[Any] = [model]
    for part in place:
        if isinstance(part, int):
            said.append(str(part + 1))
            continue
        found = [
            (each, info) for each in among for name, info in each.model_fields.items() if part in (name, info.alias)
        ]
        if found:
            said.append(label(part, found[0][1]))
            among = [inner for _, info in found for inner in _models(info.annotation)]
        else:
            said.append(label(part))
    return " · ".join(said)


def _models(annotation: Any, deep: int = 8) -> list[type[BaseModel]]:
    """The models inside a type, those a root model stands for included."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        root = annotation.model_fields.get("root")
        return [annotation] if root is None else _models(root.annotation, deep - 1)
    if deep <= 0:
        return []
    return [found for inner in get_args(annotation) for found in _models(inner, deep - 1)]
