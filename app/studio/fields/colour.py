"""A colour: one of the brand kit's with a click, or any other."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from nicegui import ui

from .field import Input

COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


class Colour(Input):
    """Nothing chosen means the colour the block has by itself."""

    def draw(self, value: Any) -> None:
        self.label()
        with ui.element("div").classes("st-swatches").props('role="group"') as place:
            place.props["aria-label"] = self.field.label
            self._swatches = {}
            for name, colour in (("As the brand has it", ""), *self.at.swatches):
                self._swatches[colour] = self._swatch(name, colour)
        self.made = ui.color_input(value=str(value or ""), on_change=lambda e: self._typed(e.value))
        self.known(self.made).props["aria-label"] = f"{self.field.label} as #rrggbb"
        self.made.props["placeholder"] = "As the brand has it"
        self._mark(str(value or ""))

    def put(self, value: Any) -> None:
        self.made.value = str(value or "")
        self._mark(str(value or ""))

    def _swatch(self, name: str, colour: str) -> Any:
        made = ui.element("button").classes("st-swatch").props('type="button"')
        made.props["aria-label"] = made.props["title"] = name
        if colour:
            made.style(f"background: {colour}")
        if self.at.readonly:
            made.props("disabled")
        return made.on("click", partial(self._choose, colour), args=[])

    def _choose(self, colour: str) -> None:
        self.take(colour)
        self.put(colour)

    def _typed(self, value: Any) -> None:
        said = str(value or "").strip().lower()
        if not said or COLOUR.match(said):
            self.take(said)
            self._mark(said)

    def _mark(self, colour: str) -> None:
        for each, made in self._swatches.items():
            chosen = each.lower() == colour.lower()
            made.classes("is-on") if chosen else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if chosen else "false"
