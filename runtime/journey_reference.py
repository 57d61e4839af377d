"""The reference part of ``docs/journey-file.md``, made from the node types: ``python -m`` this after changing one."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ..nodes.comparison import OperatorName
from ..nodes.labels import value_words
from ..nodes.node import GROUPS, Node
from ..nodes.operators import OPERATORS
from ..nodes.own_content import OwnContent
from ..nodes.registry import node_types
from ..nodes.rule import TESTS
from .channels.channel import media
from .journey_parts import JourneyPart, LetterPart, MessagePart, NodePart, NotePart, PriorityPart
from .letter_parts import BlockPart, TranslationPart
from .safe_yaml import dump

BEGIN, END = "<!-- reference: begin -->", "<!-- reference: end -->"


def with_reference(page: str) -> str:
    """The page with its reference made anew between the two marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{rest.partition(END)[2]}"


def reference() -> str:
    """Every key, step, setting, way out, rule and operator as Markdown."""
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield from ("## Keys of the file", table(JourneyPart))
    yield from ("## Keys of its priority", table(PriorityPart))
    yield from ("## Keys of a letter", table(LetterPart))
    yield from ("## Keys of a block of a letter", table(BlockPart))
    yield from ("## Keys of a letter in another language", table(TranslationPart))
    yield from ("## Keys of a message of another medium", table(MessagePart))
    yield from _media()
    yield from ("## Keys of a step", table(NodePart))
    yield from ("## Keys of a note", table(NotePart))
    yield "## Kinds of steps"
    ours = [type_ for type_ in node_types().values() if type_.__module__.rpartition(".")[0] == _NODES]
    for group in GROUPS:
        for type_ in ours:
            if type_.face.group == group:
                yield from _step(type_)
    yield from rule_forms()


def _media() -> Iterator[str]:
    """The further keys of each medium whose messages stand among the letters; the others stand in their steps."""
    own = {type_.channel for type_ in node_types().values() if issubclass(type_, OwnContent)}
    for name, medium in sorted(media().items()):
        if name not in own | {"email"} and medium.form.__module__.startswith(_CHANNELS):
            yield from (f"### `medium: {name}`", f"{medium.label}. {medium.help}".strip(), table(medium.form))


def rule_forms(everywhere: bool = False) -> Iterator[str]:
    """The forms of a rule and the operators; ``everywhere`` leaves out what only a journey can be asked."""
    yield "## Forms of a rule"
    yield "`all: [...]` where every rule in the list holds, `any: [...]` where one does, `not: {...}` for the opposite."
    for name, form in TESTS.items():
        if not everywhere or name != "trigger":
            yield f"**`{name}`**: {_line(form.__doc__)}"
            yield table(form, {"since", "step"} if everywhere else ())
    yield from ("## Operators", _operators())


def _step(type_: type[Node]) -> Iterator[str]:
    node = type_("example", type_.example)
    ways = ", ".join(f"`{port.name}`{' (optional)' if port.optional else ''}" for port in node.ports())
    yield f"### `{type_.kind}`"
    yield f"{type_.face.label}. {type_.face.help} Ways out: {ways or 'none'}."
    yield f"```yaml\n{dump({'kind': type_.kind, 'settings': dict(type_.example)})}```"
    if type_.Settings.model_fields:
        yield table(type_.Settings)
    for name, field in type_.Settings.model_fields.items():
        for inner in getattr(field.annotation, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner.__module__ == type_.__module__:
                yield f"Each of `{field.alias or name}`:"
                yield table(inner)


def table(model: type[BaseModel], without: Collection[str] = ()) -> str:
    """The fields of a model, those that have to be given first."""
    fields = sorted(model.model_fields.items(), key=lambda item: not item[1].is_required())
    rows = [
        f"| `{field.alias or name}` | {_default(field)} | {_cell(field.description or '')}{_choices(field)} |"
        for name, field in fields
        if name not in without
    ]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows])


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return "required"
    if default is None or default in ("", (), {}, []):
        return ""
    return f"`{_cell(_short(default))}`"


def _choices(field: FieldInfo) -> str:
    """The values a setting takes, where they are few, with their words."""
    inner = next((each for each in get_args(field.annotation) if get_origin(each) is Literal), field.annotation)
    values = get_args(inner) if get_origin(inner) is Literal else ()
    if not values or inner is OperatorName:  # operators have a table of their own
        return ""
    said = [(value, value_words(field, value)) for value in values]
    return " One of " + ", ".join(f"`{value}`" + (f" ({_cell(words)})" if words else "") for value, words in said) + "."


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_short(each) for each in value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, BaseModel):
        return " ".join(_short(each) for each in value.model_dump().values())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _operators() -> str:
    takes = {"one": "a value", "many": "a list", "moment": "a date", "number": "a number", "days": "days"}
    rows = [f"| `{name}` | {each.words} | {takes.get(each.takes, 'nothing')} |" for name, each in OPERATORS.items()]
    return "\n".join(["| operator | in words | value |", "|---|---|---|", *rows])


def _line(docstring: str | None) -> str:
    return _cell((docstring or "").strip().replace("``", "`"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_CHANNELS = media.__module__.rpartition(".")[0]
_NODES = Node.__module__.rpartition(".")[0]


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_reference(page.read_text(encoding="utf-8")), encoding="utf-8")
