"""The letter or message a step sends: chosen by its picture, or made new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from ....nodes.sending import medium_of
from .field import ABSENT, Field
from .thumbnail import about, thumbnail
from .widget import Single


class Letter(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is str and field.format == "letter"

    def build(self, value: Any) -> None:
        with self.block(self.field.label):
            self._place = ui.element("div").classes("sj-form-letters")
            if not self.around.readonly or self.around.open_letter:
                self._tools = ui.element("div").classes("sj-form-tools")
        self.place(value)

    def place(self, value: Any) -> None:
        self._place.clear()
        medium = self.field.schema.get("medium")
        everything = self.around.letters()
        letters = {
            name: each for name, each in everything.items() if medium in (None, medium_of(each)) or name == value
        }
        what = "message" if medium not in (None, "email") else "letter"
        with self._place.props('role="radiogroup"'):
            for name, letter in letters.items():
                self._card(name, letter, name == value)
            if isinstance(value, str) and value and value not in letters:
                ui.label(f"There is no {what} called {value} in this journey.").classes("sj-form-fault")
            if not letters:
                ui.label(
                    f"This journey has no {what} of this kind yet." if medium else "This journey has no letter yet."
                ).classes("sj-form-none")
        self._tools.clear()
        with self._tools:
            if self.around.new_letter and not self.around.readonly:
                self._tool(f"New {what}", "add", self._make)
            if (show := self.around.open_letter) and value in letters:
                says = f"See this {what}" if self.around.readonly else f"Edit this {what}"
                self._tool(says, "visibility" if self.around.readonly else "edit", partial(_show, show, str(value)))

    def _card(self, name: str, letter: Mapping[str, Any], chosen: bool) -> None:
        card = ui.element("button").classes("sj-form-letter" + (" is-on" if chosen else ""))
        card.props('type="button" role="radio"')
        card.props["aria-checked"] = "true" if chosen else "false"
        card.props["aria-label"] = name
        card.props["data-input"] = f"{self.field.name}.{name}"
        if self.around.readonly:
            card.props("disabled")
        else:
            card.on("click", partial(self._choose, name), args=[])
        with card:
            thumbnail(self.around.picture(name), letter)
            with ui.element("div").classes("sj-form-letter-words"):
                ui.label(name).classes("sj-strong sj-clip")
                ui.label(about(letter)).classes("sj-form-note sj-clip")

    def _choose(self, name: str) -> None:
        self.take(name)
        self.place(name)

    def _make(self) -> None:
        medium = self.field.schema.get("medium") or "email"
        made = self.around.new_letter(medium) if self.around.new_letter else None
        if made is not None:
            self.take(made)
            self.place(made)
            if self.around.open_letter:
                self.around.open_letter(made)

    def _tool(self, text: str, icon: str, on_click: Any) -> None:
        ui.button(text, icon=icon, on_click=on_click, color=None).props("flat dense no-caps").classes("sj-form-tool")

    def refresh(self) -> None:
        """The journey's letters changed."""
        self.place(self.value if self.value is not ABSENT else None)


def _show(open_letter: Callable[[str], None], name: str, _clicked: object = None) -> None:
    open_letter(name)
