"""What a form knows of one field of a settings model: its names, its type, its limits, its help."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from ....nodes.labels import label


class Absent:
    """Stands for a setting that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = Absent()


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. ``annotation`` is the bare type, ``metadata`` what was written around it."""

    name: str  # as it stands in the settings
    label: str
    help: str
    annotation: Any
    metadata: tuple[Any, ...]
    schema: Mapping[str, Any]
    optional: bool  # None is a value of its own
    default: Any  # ABSENT when there is none

    @property
    def format(self) -> str:
        """The word the model says about a text: event, property, letter, zone, multiline; or nothing."""
        return str(self.schema.get("format") or "")

    @property
    def items(self) -> Any:
        """The type of the entries of a list; None for anything else."""
        if get_origin(self.annotation) in (list, tuple, set, frozenset) and get_args(self.annotation):
            return bare(get_args(self.annotation)[0])[0]
        return None


@cache
def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a model: what has to be filled in first, then its own, then what it shares with others."""
    schema = _schema(model)
    known = schema.get("$defs", {})
    own = [*inspect.get_annotations(model)]
    names = sorted(model.model_fields, key=lambda name: name not in own)
    made = [_field(name, model.model_fields[name], schema, known) for name in names]
    return tuple(sorted(made, key=lambda field: field.default is not ABSENT))


def bare(annotation: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """A type without ``Annotated`` and ``None``; what stood around it; whether None is allowed."""
    metadata: tuple[Any, ...] = ()
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *around = get_args(annotation)
            metadata += tuple(around)
            continue
        options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else ()
        real = [option for option in options if option is not type(None)]
        optional = optional or len(real) < len(options)
        if len(real) == 1 and options:
            annotation = real[0]
            continue
        return annotation, metadata, optional


def _field(name: str, info: FieldInfo, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Field:
    annotation, around, optional = bare(info.annotation)
    written = info.alias or name
    own = dict(schema.get("properties", {}).get(written, {}))
    return Field(
        name=written,
        label=label(written, info),
        help=info.description or "",
        annotation=annotation,
        metadata=(*info.metadata, *around),
        schema=_flat(own, known),
        optional=optional,
        default=_default(info),
    )


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return ABSENT
    try:
        return to_jsonable_python(value, by_alias=True)
    except Exception:  # a default no JSON can say; the model fills it in by itself
        return None


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    try:
        return model.model_json_schema(by_alias=True)
    except PydanticInvalidForJsonSchema:
        return {}


def _flat(own: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """With its reference followed, and with what its one form besides null says."""
    if "$ref" in own:
        own = {**known.get(str(own["$ref"]).rpartition("/")[2], {}), **own}
    forms = [form for form in own.get("anyOf", ()) if form.get("type") != "null"]
    return {**forms[0], **own} if len(forms) == 1 else own
