"""A time of day or a date, with the browser's own picker."""

from __future__ import annotations

from datetime import date
from typing import Any

from nicegui import ui

from ....nodes.zones import TimeOfDay
from .field import ABSENT, Field
from .text import mark
from .widget import Single, field_props

_TIME = TimeOfDay.__metadata__[0].pattern  # type: ignore[attr-defined]


class Clock(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is date or (field.annotation is str and field.schema.get("pattern") == _TIME)

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            self.input = picker(self.field, value, lambda e: self.take(e.value or self._unsaid()))
            field_props(self.input, self.field.name, self.around.readonly)

    def place(self, value: Any) -> None:
        self.input.value = "" if value in (None, ABSENT) else str(value)

    def complain(self, faults: list[Any]) -> None:
        super().complain(faults)
        mark(self.input, faults, self.touched)

    def _unsaid(self) -> Any:
        return None if self.field.optional else ABSENT


def picker(field: Field, value: Any, on_change: Any) -> ui.input:
    """The bare input of a time or a date."""
    made = ui.input(field.label, value="" if value in (None, ABSENT) else str(value), on_change=on_change)
    made.props["type"] = "date" if field.annotation is date else "time"
    return made.props("stack-label")  # type: ignore[return-value]
