"""A number, with its limits said and not enforced behind one's back."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from .field import ABSENT, Field
from .text import mark
from .widget import Single, field_props


class Number(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation in (int, float)

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            self.input = ui.input(
                self.field.label, value=spelt(value), on_change=lambda e: self.take(self._read(e.value))
            )
            field_props(self.input, self.field.name, self.around.readonly)
            numeric(self.input, self.field)

    def place(self, value: Any) -> None:
        self.input.value = spelt(value)

    def complain(self, faults: list[Any]) -> None:
        super().complain(faults)
        mark(self.input, faults, self.touched)

    def _read(self, written: str | None) -> Any:
        return parsed(written, None if self.field.optional else ABSENT)


def numeric(element: Any, field: Field) -> None:
    """Make an input one for numbers: keyboard of a phone, arrows, limits."""
    whole = field.annotation is int
    element.props["type"] = "number"
    element.props["inputmode"] = "numeric" if whole else "decimal"
    element.props["step"] = 1 if whole else "any"
    for key, limit in (("min", "minimum"), ("max", "maximum")):
        if limit in field.schema:
            element.props[key] = field.schema[limit]


def parsed(written: Any, empty: Any = ABSENT) -> Any:
    """The number of a text, whole where it can be; the text itself where it is none."""
    text = "" if written is None else str(written).strip()
    if not text:
        return empty
    try:
        number = float(text)
    except ValueError:
        return text
    if number != number or number in (float("inf"), float("-inf")):
        return text
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def spelt(value: Any) -> str:
    """A number as it stands in an input."""
    if value is None or value is ABSENT:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
