"""The reference part of ``docs/policy.md``, made from the policy's parts: ``python -m`` this after changing one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, PlainSerializer
from pydantic.fields import FieldInfo

from ...nodes.labels import value_words
from ..journey_reference import BEGIN, END
from .policy import (
    Allowance,
    Behaviour,
    Brake,
    Cap,
    Expiry,
    Fallback,
    Group,
    Policy,
    Priority,
    QuietHours,
    WorkingHours,
)
from .policy_parts import Part

PARTS = (
    ("Keys of the file", Policy), ("Each of `caps`", Cap), ("`by` of a cap", Allowance),
    ("Each of `quiet_hours`", QuietHours), ("Each of `working_hours`", WorkingHours), ("`behaviour`", Behaviour),
    ("`expiry`", Expiry), ("`fallback`", Fallback), ("`brake`", Brake), ("Each of `groups`", Group),
    ("Each of `priorities`", Priority),
)  # fmt: skip


def with_reference(page: str) -> str:
    """The page with its reference made anew between the two marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{rest.partition(END)[2]}"


def reference() -> str:
    """Every key as Markdown."""
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    for title, model in PARTS:
        yield from (f"### {title}", _table(model))


def _table(model: type[Part]) -> str:
    """The fields of a part, those that have to be given first; lengths and shares as they are written."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in sorted(model.model_fields.items(), key=lambda item: not item[1].is_required()):
        default = "required" if field.is_required() else _default(field)
        rows.append(f"| `{field.alias or name}` | {default} | {field.description}{_choices(field)} |")
    return "\n".join(rows)


def _choices(field: FieldInfo) -> str:
    """The values it takes, where they are few, with their words."""
    values = _values(field.annotation)
    said = [(value, value_words(field, value)) for value in values]
    listed = ", ".join(f"`{value}`" + (f" ({words})" if words else "") for value, words in said)
    return f" {'Some' if get_origin(field.annotation) is list else 'One'} of {listed}." if listed else ""


def _values(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    inner = get_args(annotation) if get_origin(annotation) in (list, Annotated) else ()
    return _values(inner[0]) if inner else ()


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel) or value in (None, [], {}):
        return ""
    as_written: Any = next((each.func for each in field.metadata if isinstance(each, PlainSerializer)), None)
    if as_written is not None:
        return f"`{as_written(value)}`"
    if isinstance(value, list):
        return f"`{', '.join(value)}`"
    return f"`{str(value).lower()}`"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_reference(page.read_text(encoding="utf-8")), encoding="utf-8")
