"""One of a few: a Literal, an Enum, or a truth value that may also be unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from inspect import isclass
from typing import Any, Literal, get_args, get_origin

from nicegui import ui

from .field import ABSENT, Field
from .widget import Single, field_props

UNSAID = "\0unsaid"


class Choice(Single):
    rank = 0

    @classmethod
    def fits(cls, field: Field) -> bool:
        kind = field.annotation
        return get_origin(kind) is Literal or kind is bool or (isclass(kind) and issubclass(kind, Enum))

    def build(self, value: Any) -> None:
        self.options = options_of(self.field)
        with self.block(help=self.field.help):
            self.select = ui.select(
                self._shown(value),
                value=_key(value),
                label=self.field.label,
                on_change=lambda e: self.take(_value(e.value)),
            )
            field_props(self.select, self.field.name, self.around.readonly).props("options-dense")

    def place(self, value: Any) -> None:
        self.select.set_options(self._shown(value), value=_key(value))

    def _shown(self, value: Any) -> dict[Any, str]:
        """The options, and what stands there already even if it is none of them."""
        shown: dict[Any, str] = {_key(None): "–"} if self.field.optional else {}
        shown.update(self.options)
        if value is not ABSENT and _key(value) not in shown:
            shown[_key(value)] = str(value)
        return shown


def options_of(field: Field) -> Mapping[Any, str]:
    """Each value with its words."""
    if get_origin(field.annotation) is Literal:
        said = field.schema.get("words") or {}
        return {value: said.get(value) or words(value) for value in get_args(field.annotation)}
    if field.annotation is bool:
        return {True: "yes", False: "no"}
    return {member.value: words(member.name) for member in field.annotation}


def words(value: Any) -> str:
    """A code as people read it."""
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value).replace("_", " ")
    )


def _key(value: Any) -> Any:
    """Quasar and NiceGUI take None for "nothing chosen", so a None that is meant has a key of its own."""
    return UNSAID if value is None else None if value is ABSENT else value


def _value(key: Any) -> Any:
    return None if key == UNSAID else ABSENT if key is None else key
