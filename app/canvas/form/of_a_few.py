"""Some of a few values that are known by their words, such as types of journeys."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from nicegui import ui

from .choice import words
from .field import Field
from .widget import Single, field_props


class OfAFew(Single):
    """A list of a ``Literal``; the ``words`` of the setting say what each is called."""

    rank = 1

    @classmethod
    def fits(cls, field: Field) -> bool:
        return get_origin(field.items) is Literal

    def build(self, value: Any) -> None:
        said = self.field.schema.get("words") or {}
        options = {each: said.get(each) or words(each) for each in get_args(self.field.items)}
        with self.block(help=self.field.help):
            self.select = ui.select(
                options,
                value=self._given(value),
                multiple=True,
                label=self.field.label,
                on_change=lambda e: self.take(list(e.value or [])),
            )
            field_props(self.select, self.field.name, self.around.readonly).props("options-dense use-chips")

    def place(self, value: Any) -> None:
        self.select.set_value(self._given(value))

    def _given(self, value: Any) -> list[Any]:
        known = get_args(self.field.items)
        return [each for each in value if each in known] if isinstance(value, list | tuple) else []
