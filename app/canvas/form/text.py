"""A line of text, or several."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from .field import ABSENT, Field
from .widget import Single, field_props

LONG = ("text", "letter", "body")  # what a message says, if it is filled for each contact


class Text(Single):
    """What is left empty is the default, or nothing."""

    rank = 0

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is str

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            spoken = bool(self.field.schema.get("template")) and self.field.name in LONG
            long = spoken or self.field.format == "multiline"
            kind = ui.textarea if long else ui.input
            self.input = kind(self.field.label, value=_text(value), on_change=lambda e: self.take(self._read(e.value)))
            field_props(self.input, self.field.name, self.around.readonly)
            if self.field.format == "day":
                self.input.props('type="date" stack-label')
            most = self.field.schema.get("maxLength")
            if most:
                self.input.props["maxlength"] = most
            if long:
                self.input.props("autogrow")
            self.input.without_auto_validation()

    def place(self, value: Any) -> None:
        self.input.value = _text(value)

    def complain(self, faults: list[Any]) -> None:
        super().complain(faults)
        mark(self.input, faults, self.touched)

    def take(self, value: Any) -> None:
        if _text(value) != _text(self.value):
            super().take(value)

    def _read(self, written: str | None) -> Any:
        if written:
            return written
        return None if self.field.optional else "" if self.field.default == "" else ABSENT


def _text(value: Any) -> str:
    return "" if value is None or value is ABSENT else str(value)


def mark(element: Any, faults: list[Any], touched: bool) -> None:
    """Draw an input as wrong, for eyes and for screen readers."""
    wrong = any(touched or text != "is missing" for _, text in faults)
    element.classes("is-wrong") if wrong else element.classes(remove="is-wrong")
    element.props["aria-invalid"] = "true" if wrong else "false"
