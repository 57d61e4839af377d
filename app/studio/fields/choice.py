"""One of a few: as buttons beside each other where they fit, else as a list."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from .field import Input

FEW, SHORT = 4, 30  # choices and characters that fit beside each other


class Choice(Input):
    def draw(self, value: Any) -> None:
        options = dict(self.field.choices)
        self._buttons: dict[str, Any] = {}
        self.made: ui.select | None = None
        if len(options) <= FEW and sum(map(len, options.values())) <= SHORT:
            self.label()
            with ui.element("div").classes("sj-proof-tabs st-choice").props('role="group"') as place:
                place.props["aria-label"] = self.field.label
                for key, words in options.items():
                    made = ui.button(words, on_click=partial(self._choose, key), color=None).props("flat dense no-caps")
                    made.set_enabled(not self.at.readonly)
                    made.props["data-choice"] = key
                    self._buttons[key] = made
            self._mark(value)
            return
        self.label()
        shown = options if value in options or not value else {**options, value: str(value)}
        made = ui.select(shown, value=value if value in shown else None, on_change=lambda e: self.take(e.value))
        self.known(made).props("options-dense").props["aria-label"] = self.field.label
        self.made = made

    def put(self, value: Any) -> None:
        if self.made is not None:
            self.made.value = value if value in self.made.options else None
        self._mark(value)

    def _choose(self, key: str, _clicked: object = None) -> None:
        self.take(key)
        self._mark(key)

    def _mark(self, value: Any) -> None:
        for key, made in self._buttons.items():
            made.classes("is-on") if key == value else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if key == value else "false"
