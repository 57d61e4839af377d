"""Yes or no."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from .field import Input


class Switch(Input):
    def draw(self, value: Any) -> None:
        self.made = ui.switch(self.field.label, value=bool(value), on_change=lambda e: self.take(bool(e.value)))
        self.made.classes("sj-form-switch").props["data-input"] = self.field.name
        self.made.set_enabled(not self.at.readonly)

    def put(self, value: Any) -> None:
        self.made.value = bool(value)
