"""The blocks letters are made of: each a folder in ``assets/blocks`` with what it asks for and how it looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

FOLDER = Path(__file__).parent.parent.parent / "assets" / "blocks"
FieldType = Literal["text", "rich", "url", "image", "colour", "choice", "number", "bool", "list", "code"]
GROUPS = ("Start", "Words and pictures", "Shop", "Space", "End", "Source")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a block. ``long``: a text of several lines. ``literal``: a name as it is, without Jinja.

    ``only_if``: it counts while another one, by its name, has that value; True: while anything stands there.
    """

    name: str
    label: str
    type: FieldType
    help: str = ""
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()  # value and label
    translatable: bool = False
    required: bool = False
    long: bool = False
    literal: bool = False
    least: float = 0
    most: float = 10_000
    unit: str = ""
    entry: str = ""  # what one of a list is called
    fields: tuple[Field, ...] = ()  # of one of a list
    only_if: tuple[str, Any] | None = None
    local: Mapping[str, Any] = field(default_factory=dict)  # the default in other languages

    def default_in(self, language: str) -> Any:
        """What stands there when nothing was typed."""
        return self.local.get(language.partition("-")[0], self.default)

    def counts(self, settings: Mapping[str, Any]) -> bool:
        """Whether it means something beside the others."""
        if self.only_if is None:
            return True
        other, wanted = self.only_if
        return bool(settings.get(other)) if wanted is True else settings.get(other) == wanted


@dataclass(frozen=True, slots=True)
class BlockType:
    """What a block asks for, and how it looks. ``place``: on the letter's sheet, or on the page around it."""

    kind: str
    label: str
    icon: str
    help: str
    group: str
    place: Literal["sheet", "page"]
    order: int
    settings: tuple[Field, ...]
    template: str
    always: bool = False  # it may not depend on who reads

    def field(self, name: str) -> Field | None:
        """The setting of that name."""
        return next((one for one in self.settings if one.name == name), None)

    def defaults(self, language: str = "") -> dict[str, Any]:
        """The settings of a new block."""
        return {one.name: _fresh(one.default_in(language)) for one in self.settings}


@cache
def block_types() -> Mapping[str, BlockType]:
    """All blocks by their kind, group by group, in the order they are offered."""
    found = [_read(path.parent) for path in FOLDER.glob("*/block.yaml")]
    found.sort(key=lambda one: (GROUPS.index(one.group), one.order, one.kind))
    return MappingProxyType({one.kind: one for one in found})


def new_block(kind: str, taken: Iterable[str] = (), language: str = "") -> dict[str, Any]:
    """A block as it is when somebody has just put it in, with an id that none of those taken is."""
    ids, number = set(taken), 1
    while f"b{number}" in ids:
        number += 1
    return {"id": f"b{number}", "kind": kind, "settings": block_types()[kind].defaults(language)}


def _read(folder: Path) -> BlockType:
    about = yaml.safe_load((folder / "block.yaml").read_text("utf-8"))
    settings = tuple(_field(name, one) for name, one in (about.pop("settings", None) or {}).items())
    template = (folder / "block.mjml.jinja").read_text("utf-8")
    return BlockType(kind=folder.name, settings=settings, template=template, **{"place": "sheet", "order": 50, **about})


def _field(name: str, about: Mapping[str, Any]) -> Field:
    made = dict(about)
    made["choices"] = tuple((str(value), str(label)) for value, label in (made.get("choices") or {}).items())
    made["fields"] = tuple(_field(inner, one) for inner, one in (made.get("fields") or {}).items())
    if "only_if" in made:
        ((other, value),) = made["only_if"].items()
        made["only_if"] = (other, value)
    if "default" not in made:
        made["default"] = {"list": [], "bool": False, "number": made.get("least", 0)}.get(made["type"], "")
    return Field(name=name, **made)


def _fresh(value: Any) -> Any:
    """A default that may be written into."""
    if isinstance(value, list):
        return [dict(one) if isinstance(one, dict) else one for one in value]
    return value
