"""Yes or no."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from .field import ABSENT, Field
from .widget import Single


class Switch(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is bool and not field.optional

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            self.switch = ui.switch(self.field.label, value=value is True, on_change=lambda e: self.take(bool(e.value)))
            self.switch.props("dense").classes("sj-form-switch").props["data-input"] = self.field.name
            self.switch.set_enabled(not self.around.readonly)

    def place(self, value: Any) -> None:
        self.switch.value = value is True and value is not ABSENT

    def take(self, value: Any) -> None:
        if value is not (self.value is True):
            super().take(value)
