"""A text on one line or on several, with what can be said of the reader to put in."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from .field import Input

LONGEST = 20_000


class Text(Input):
    """The button for variables writes at the cursor."""

    def draw(self, value: Any) -> None:
        with ui.element("div").classes("st-label-line"):
            self.label()
            if self.field.type == "text" and self.at.variables is not None and not self.at.readonly:
                self.at.variables(self._insert)
        make = ui.textarea if self.field.long or self.field.type == "code" else ui.input
        self.made = make(value=_text(value), on_change=lambda e: self.take(_text(e.value)))
        self.known(self.made).props["maxlength"] = LONGEST
        self.made.props["aria-label"] = self.field.label
        if self.field.long or self.field.type == "code":
            self.made.props("autogrow")
        if self.field.type == "code":
            self.made.classes("sj-mono")
        if self.at.own:
            self.made.props["placeholder"] = _text(self.at.own)

    def put(self, value: Any) -> None:
        self.made.value = _text(value)

    def _insert(self, written: str) -> None:
        ui.run_javascript(
            f"const field = getElement({self.made.id}).$el.querySelector('input, textarea');"
            "const at = field.selectionStart ?? field.value.length, to = field.selectionEnd ?? at;"
            f"field.setRangeText({json.dumps(written)}, at, to, 'end');"
            "field.dispatchEvent(new Event('input', {bubbles: true})); field.focus()"
        )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
