"""A table of two numbers a line: from which figure on how many."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from .field import Field
from .number import parsed, spelt
from .widget import Single, field_props


class Steps(Single):
    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.format == "steps"

    def build(self, value: Any) -> None:
        with self.block(self.field.label, self.field.help):
            self._rows = ui.element("div").classes("sj-form-list")
            if not self.around.readonly:
                add = ui.button("Add a line", icon="add", on_click=self._add, color=None).props("flat dense no-caps")
                add.classes("sj-form-tool").props["data-input"] = f"{self.field.name}.add"
        if not self._lines():
            self.value = [[0, 1]]
        self.place(self.value)

    def read(self) -> dict[str, Any]:
        return {self.field.name: self._lines()}

    def place(self, value: Any) -> None:
        self._rows.clear()
        with self._rows:
            for n, line in enumerate(self._lines()):
                with ui.element("div").classes("sj-form-row"):
                    for place, label in ((0, "From"), (1, "At most")):
                        made = ui.input(label, value=spelt(line[place]), on_change=partial(self._put, n, place))
                        field_props(made, f"{self.field.name}.{n}.{place}", self.around.readonly)
                        made.props('type="number"').classes("sj-form-grow")
                    if n and not self.around.readonly:
                        gone = ui.button(icon="close", on_click=partial(self._drop, n), color=None)
                        gone.props("flat dense round").classes("sj-form-mini")
                        gone.props["aria-label"] = f"Remove line {n + 1}"

    def _lines(self) -> list[list[Any]]:
        return [list(line) for line in self.value] if isinstance(self.value, list | tuple) else []

    def _put(self, n: int, place: int, event: Any) -> None:
        lines = self._lines()
        lines[n][place] = parsed(event.value)
        self.take(lines)

    def _add(self) -> None:
        lines = self._lines()
        last = lines[-1] if lines else [-20, 0]
        number = isinstance(last[0], int | float) and isinstance(last[1], int)
        self.take([*lines, [last[0] + 20, last[1] + 1] if number else [0, 1]])
        self.place(self.value)

    def _drop(self, n: int) -> None:
        lines = self._lines()
        lines.pop(n)
        self.take(lines)
        self.place(self.value)
