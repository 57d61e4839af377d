"""Some of a few: days of the week as seven buttons, any other list of choices as check marks."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, get_args, get_origin

from nicegui import ui

from ....nodes.send_window import WEEK
from .choice import words
from .field import Field
from .widget import Single


class Some(Single):
    """Chosen values keep the order in which they are declared."""

    @classmethod
    def fits(cls, field: Field) -> bool:
        return get_origin(field.items) is Literal

    def build(self, value: Any) -> None:
        options = get_args(self.field.items)
        week = set(options) <= set(WEEK)
        self._buttons: dict[Any, ui.button] = {}
        said = self.field.schema.get("words") or {}
        shelf = "sj-form-days" if week else "sj-form-some"
        with self.block(self.field.label, self.field.help), ui.element("div").classes(shelf):
            for option in options:
                says = str(option).capitalize() if week else said.get(option) or words(option)
                made = ui.button(says, on_click=partial(self._turn, option), color=None)
                made.props("flat dense no-caps").classes("sj-form-day").set_enabled(not self.around.readonly)
                made.props["data-input"] = f"{self.field.name}.{option}"
                self._buttons[option] = made
        self.place(value)

    def place(self, value: Any) -> None:
        chosen = value if isinstance(value, list | tuple) else ()
        for option, made in self._buttons.items():
            on = option in chosen
            made.classes("is-on") if on else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if on else "false"

    def _turn(self, option: Any, _clicked: object = None) -> None:
        chosen = set(self.value if isinstance(self.value, list | tuple) else ()) ^ {option}
        value = [each for each in self._buttons if each in chosen]
        self.place(value)
        self.take(value)
