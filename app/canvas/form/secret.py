"""A secret: typed, never shown again."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from pydantic import SecretStr

from .field import Field
from .text import mark
from .widget import Single, field_props


class Secret(Single):
    """What is left empty stays as it was."""

    rank = 5

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is SecretStr

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            if self.field.schema.get("multiline"):
                self.input: Any = ui.textarea(self.field.label, on_change=lambda e: self.take(e.value or "")).props(
                    'spellcheck="false" rows="4"'
                )
            else:
                self.input = ui.input(self.field.label, password=True, on_change=lambda e: self.take(e.value or ""))
            field_props(self.input, self.field.name, self.around.readonly)
            self.input.props('autocomplete="off"')
            self.input.without_auto_validation()

    def place(self, value: Any) -> None:
        """Nothing is ever put here from outside."""

    def complain(self, faults: list[Any]) -> None:
        super().complain(faults)
        mark(self.input, faults, self.touched)
