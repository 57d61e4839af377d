"""Names with their values, such as the properties a step writes."""

from __future__ import annotations

from functools import partial
from typing import Any, get_origin

from nicegui import ui

from .completing import Completing
from .field import ABSENT, Field
from .named import property_options
from .several import spell
from .value import typed
from .widget import Fault, Single, field_props


class Mapped(Single):
    """Rows of name and value. What looks like a number or a truth value is one; commas make a list."""

    @classmethod
    def fits(cls, field: Field) -> bool:
        return get_origin(field.annotation) is dict or field.annotation is dict

    def build(self, value: Any) -> None:
        self._inputs: list[tuple[Completing, ui.input]] = []
        with self.block(self.field.label, self.field.help):
            self._list = ui.element("div").classes("sj-form-list")
            if not self.around.readonly:
                add = ui.button("Add a line", icon="add", on_click=self._add, color=None)
                add.props("flat dense no-caps").classes("sj-form-tool").props["data-input"] = f"{self.field.name}.add"
        self.rows: list[tuple[str, Any]] = []
        self._silent = False  # while values come from outside
        self.place(value)

    def place(self, value: Any) -> None:
        rows = list(value.items()) if isinstance(value, dict) else []
        if rows == self.rows and self._inputs:
            return
        same = len(rows) == len(self.rows)
        self.rows = rows
        if not same or not self._inputs:
            self._draw()
            return
        for (name, worth), (key, each) in zip(self._inputs, rows, strict=True):
            name.place(key)
            self._silent = True
            worth.value = _written(each)
            self._silent = False

    def complain(self, faults: list[Fault]) -> None:
        said = []
        for place, text in faults:
            said.append(f"{place[1]} {text}." if len(place) > 1 else f"{self.field.label} {text}.")
        self.say(list(dict.fromkeys(said)) if self.touched else [])

    def _draw(self) -> None:
        self._list.clear()
        self._inputs = []
        with self._list:
            for n, (key, value) in enumerate(self.rows):
                with ui.element("div").classes("sj-form-row") as place:
                    place.props["data-row"] = n
                    name = Completing(
                        "Name", key, self._offer, partial(self._named, n),
                        name=f"{self.field.name}.{n}.name", readonly=self.around.readonly,
                    )  # fmt: skip
                    name.input.classes("sj-form-grow")
                    worth = ui.input("Value", value=_written(value), on_change=partial(self._valued, n))
                    field_props(worth, f"{self.field.name}.{n}.value", self.around.readonly).classes("sj-form-grow")
                    self._inputs.append((name, worth))
                    if not self.around.readonly:
                        remove = ui.button(icon="close", on_click=partial(self._remove, n), color=None)
                        remove.props('flat dense round aria-label="Remove this line"').classes("sj-form-mini")

    async def _offer(self) -> list[Any]:
        return await property_options(self.around, None)

    def _named(self, n: int, name: str) -> None:
        self._put(n, (name.strip(), self.rows[n][1]))

    def _valued(self, n: int, event: Any) -> None:
        self._put(n, (self.rows[n][0], _meant(event.value or "")))

    def _put(self, n: int, row: tuple[str, Any]) -> None:
        if self._silent:
            return
        if self.rows[n] != row or type(self.rows[n][1]) is not type(row[1]):
            self.rows[n] = row
            self._tell()

    def _add(self) -> None:
        self.rows = [*self.rows, ("", "")]
        self._draw()

    def _remove(self, n: int) -> None:
        self.rows = self.rows[:n] + self.rows[n + 1 :]
        self._draw()
        self._tell()

    def _tell(self) -> None:
        """A line without a name is not finished and not yet meant."""
        self.take({name: value for name, value in self.rows if name})


def _meant(text: str) -> Any:
    if "," in text:
        return [typed(part.strip()) for part in text.split(",") if part.strip()]
    value = typed(text.strip())
    return "" if value is ABSENT else value


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(spell(each) for each in value)
    return "" if value is None else spell(value)
