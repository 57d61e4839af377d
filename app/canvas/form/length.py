"""Lengths of time, shares and times of day of the policy: an amount with its unit, a text with its form."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ....runtime.policy.lengths import length_words
from .field import ABSENT, Field
from .number import parsed, spelt
from .text import Text, mark
from .widget import Single, field_props

UNITS = {"minutes": "minutes", "hours": "hours", "days": "days", "weeks": "weeks"}


class Length(Single):
    """What is kept is the text: 7 days."""

    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.format == "length"

    def build(self, value: Any) -> None:
        with self.block(self.field.label, self.field.help):
            self.inputs = LengthInputs(self.field.name, self.field.label, _text(value), self.take, self.around.readonly)

    def place(self, value: Any) -> None:
        self.inputs.place(_text(value))

    def complain(self, faults: list[Any]) -> None:
        super().complain(faults)
        mark(self.inputs.amount, faults, self.touched)


class LengthInputs:
    """The amount and its unit on one line; ``take`` gets the text, or ABSENT for no amount."""

    def __init__(self, name: str, label: str, written: str, take: Any, readonly: bool) -> None:
        self._take = take
        amount, unit = _parts(written)
        with ui.element("div").classes("sj-form-line"):
            self.amount = ui.input("Amount", value=amount, on_change=self._tell)
            field_props(self.amount, name, readonly).props('type="number" min="0" inputmode="decimal"')
            self.amount.props["aria-label"] = f"{label}, amount"
            self.unit = ui.select(UNITS, value=unit, label="Unit", on_change=self._tell)
            field_props(self.unit, f"{name}.unit", readonly).props("options-dense")
            self.unit.props["aria-label"] = f"{label}, unit"

    def place(self, written: str) -> None:
        """Another length, from outside."""
        if written != self._written():
            self.amount.value, self.unit.value = _parts(written)

    def _tell(self) -> None:
        self._take(self._written() or ABSENT)

    def _written(self) -> str:
        return f"{self.amount.value} {self.unit.value}" if self.amount.value not in (None, "") else ""


class Share(Text):
    """A share in per cent; the sign may be left out."""

    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.format == "share"

    def build(self, value: Any) -> None:
        super().build(value)
        self.input.props('inputmode="decimal" placeholder="2 %"')

    def _read(self, written: str | None) -> Any:
        number = (written or "").replace(",", ".").removesuffix("%").strip()
        return f"{number} %" if number else None if self.field.optional else ABSENT

    def take(self, value: Any) -> None:
        if value != self.value:
            self.value = value
            self.edited()


class TimeOfDay(Text):
    """20:00; 24:00 is the end of the day, which the browser's own picker does not have."""

    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.format == "clock"

    def build(self, value: Any) -> None:
        super().build(value)
        self.input.props('inputmode="numeric" placeholder="20:00" maxlength="5"')


def _text(value: Any) -> str:
    if isinstance(value, int):  # a default comes in milliseconds
        return length_words(value)
    return value if isinstance(value, str) else ""


def _parts(written: str) -> tuple[str, str]:
    amount, _, unit = written.strip().partition(" ")
    number = parsed(amount)
    unit = unit if unit.endswith("s") or not unit else f"{unit}s"
    return (spelt(number) if isinstance(number, int | float) else ""), unit if unit in UNITS else "hours"
