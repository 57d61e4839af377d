"""Ways that share the people: a name and a weight each, which together make a hundred."""

from __future__ import annotations

from functools import partial
from inspect import isclass
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from .field import ABSENT, Field
from .number import parsed, spelt
from .widget import Fault, Single, field_props

WHOLE = 100


class Variants(Single):
    rank = 2

    @classmethod
    def fits(cls, field: Field) -> bool:
        kind = field.items
        return isclass(kind) and issubclass(kind, BaseModel) and set(kind.model_fields) == {"name", "weight"}

    def build(self, value: Any) -> None:
        self._inputs: list[tuple[ui.input, ui.input]] = []
        with self.block(self.field.label, self.field.help):
            self._list = ui.element("div").classes("sj-form-list")
            with ui.element("div").classes("sj-form-tools"):
                if not self.around.readonly:
                    self._tool("Add a way", "add", self._add)
                    self._tool("Even shares", "balance", self._level)
                self._sum = ui.label("").classes("sj-form-sum")
        self.rows: list[dict[str, Any]] = []
        self.place(value)

    def place(self, value: Any) -> None:
        rows = [dict(row) for row in value if isinstance(row, dict)] if isinstance(value, list | tuple) else []
        same = len(rows) == len(self.rows) and bool(self._inputs)
        self.rows = rows
        if same:
            for (name, weight), row in zip(self._inputs, rows, strict=True):
                name.value, weight.value = str(row.get("name", "")), spelt(row.get("weight", ABSENT))
        else:
            self._draw()
        self._total()

    def complain(self, faults: list[Fault]) -> None:
        said = []
        for place, text in faults:
            if len(place) > 2 and isinstance(place[1], int) and place[1] < len(self.rows):
                named = self.rows[place[1]].get("name") or f"way {place[1] + 1}"
                said.append(f"The {place[2]} of {named} {text}.")
            else:
                said.append(f"{self.field.label} {text}.")
        self.say(said)

    def _draw(self) -> None:
        self._list.clear()
        self._inputs = []
        with self._list:
            for n, row in enumerate(self.rows):
                with ui.element("div").classes("sj-form-row") as place:
                    place.props["data-row"] = n
                    name = ui.input("Name", value=str(row.get("name", "")), on_change=partial(self._named, n))
                    weight = ui.input("%", value=spelt(row.get("weight", ABSENT)), on_change=partial(self._weighed, n))
                    field_props(name, f"{self.field.name}.{n}.name", self.around.readonly).classes("sj-form-grow")
                    field_props(weight, f"{self.field.name}.{n}.weight", self.around.readonly).classes("sj-form-narrow")
                    name.props('debounce="400"')  # a way out is renamed with its edge; not letter by letter
                    weight.props('type="number" min="0" max="100" step="any" inputmode="decimal"')
                    self._inputs.append((name, weight))
                    if not self.around.readonly:
                        remove = ui.button(icon="close", on_click=partial(self._remove, n), color=None)
                        remove.props('flat dense round aria-label="Remove this way"').classes("sj-form-mini")
                        remove.set_enabled(len(self.rows) > 2)

    def _named(self, n: int, event: Any) -> None:
        self._put(n, "name", (event.value or "").strip())

    def _weighed(self, n: int, event: Any) -> None:
        self._put(n, "weight", parsed(event.value, None))

    def _put(self, n: int, key: str, value: Any) -> None:
        if n < len(self.rows) and self.rows[n].get(key) != value:
            self.rows[n] = {**self.rows[n], key: value}
            self._changed_rows()

    def _add(self) -> None:
        taken = {row.get("name") for row in self.rows}
        fresh = next(name for name in (*"abcdefghijklmnopqrstuvwxyz", f"way-{len(self.rows) + 1}") if name not in taken)
        missing = max(0, WHOLE - self._whole())
        self.rows = [*self.rows, {"name": fresh, "weight": missing}]
        self._draw()
        self._level() if not missing else self._changed_rows()

    def _remove(self, n: int) -> None:
        """What the removed one had goes to the last of the others."""
        gone = self.rows[n].get("weight")
        self.rows = [dict(row) for m, row in enumerate(self.rows) if m != n]
        if isinstance(gone, int | float) and isinstance(self.rows[-1].get("weight"), int | float):
            self.rows[-1]["weight"] += gone
        self._draw()
        self._changed_rows()

    def _level(self) -> None:
        shares = level(len(self.rows))
        self.rows = [{**row, "weight": share} for row, share in zip(self.rows, shares, strict=True)]
        for (_, weight), share in zip(self._inputs, shares, strict=True):
            weight.value = spelt(share)
        self._changed_rows()

    def _changed_rows(self) -> None:
        self._total()
        self.take([dict(row) for row in self.rows])

    def _whole(self) -> float:
        return sum(row["weight"] for row in self.rows if isinstance(row.get("weight"), int | float))

    def _total(self) -> None:
        self._sum.text = f"{self._whole():g} %"
        right = abs(self._whole() - WHOLE) < 1e-6
        self._sum.classes(remove="is-wrong") if right else self._sum.classes("is-wrong")

    def _tool(self, text: str, icon: str, on_click: Any) -> None:
        made = ui.button(text, icon=icon, on_click=on_click, color=None).props("flat dense no-caps")
        made.classes("sj-form-tool")


def level(count: int) -> list[int]:
    """A hundred dealt out as evenly as whole numbers can."""
    share, rest = divmod(WHOLE, max(count, 1))
    return [share + (n < rest) for n in range(count)]
