"""A number within its limits, with its unit."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from .field import Input


class Number(Input):
    def draw(self, value: Any) -> None:
        self.label()
        field = self.field
        self.made = ui.number(
            value=value if isinstance(value, int | float) else None,
            min=field.least,
            max=field.most,
            suffix=field.unit or None,
            on_change=lambda e: self._typed(e.value),
        )
        self.known(self.made).props["aria-label"] = field.label

    def put(self, value: Any) -> None:
        self.made.value = value if isinstance(value, int | float) else None

    def _typed(self, value: Any) -> None:
        if isinstance(value, int | float) and self.field.least <= value <= self.field.most:
            self.take(int(value) if float(value).is_integer() else value)
