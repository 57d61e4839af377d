"""A list of models: a box each, to be added, taken away and put in order."""

from __future__ import annotations

from functools import partial
from inspect import isclass
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from .field import Field
from .fields import Fields
from .widget import Fault, Single


class Entries(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return isclass(field.items) and issubclass(field.items, BaseModel)

    def build(self, value: Any) -> None:
        self._forms: list[Fields] = []
        with self.block(self.field.label, self.field.help):
            self._list = ui.element("div").classes("sj-form-list")
            if not self.around.readonly:
                add = ui.button("Add one", icon="add", on_click=self._add, color=None).props("flat dense no-caps")
                add.classes("sj-form-tool").props["data-input"] = f"{self.field.name}.add"
        self._draw(_entries(value))

    def place(self, value: Any) -> None:
        entries = _entries(value)
        if len(entries) != len(self._forms):
            self._draw(entries)
            return
        for form, entry in zip(self._forms, entries, strict=True):
            form.show(entry)

    def complain(self, faults: list[Fault]) -> None:
        rest = [fault for fault in faults if self._of(fault) is None]
        for n, form in enumerate(self._forms):
            mine = [(place[2:], text) for place, text in faults if self._of((place, text)) == n]
            rest += [((self.field.name, n, *place), text) for place, text in form.complain(mine)]
        super().complain(rest)

    def _of(self, fault: Fault) -> int | None:
        place = fault[0]
        n = place[1] if len(place) > 1 else None
        return n if isinstance(n, int) and n < len(self._forms) else None

    def _draw(self, entries: list[dict[str, Any]]) -> None:
        self._list.clear()
        self._forms = []
        with self._list:
            for n, entry in enumerate(entries):
                with ui.element("div").classes("sj-form-box") as box:
                    box.props["data-row"] = n
                    with ui.element("div").classes("sj-form-row sj-form-box-head"):
                        ui.label(f"{n + 1}").classes("sj-form-label sj-form-grow")
                        if not self.around.readonly:
                            self._tool("arrow_upward", f"Move number {n + 1} up", partial(self._move, n, -1), n > 0)
                            below = n < len(entries) - 1
                            self._tool("arrow_downward", f"Move number {n + 1} down", partial(self._move, n, 1), below)
                            self._tool("close", f"Remove number {n + 1}", partial(self._move, n, 0), True)
                    self._forms.append(Fields(self.field.items, entry, self.around, self._tell))

    def _tool(self, icon: str, says: str, on_click: Any, enabled: bool) -> None:
        made = ui.button(icon=icon, on_click=on_click, color=None).props("flat dense round").classes("sj-form-mini")
        made.props["aria-label"] = says
        made.set_enabled(enabled)

    def _tell(self) -> None:
        self.take([dict(form.settings) for form in self._forms])

    def _add(self) -> None:
        entries = [dict(form.settings) for form in self._forms]
        fresh = {"name": _name(entries)} if "name" in self.field.items.model_fields else {}
        self._draw([*entries, fresh])
        self._tell()

    def _move(self, n: int, by: int, _clicked: object = None) -> None:
        """Up, down, or (0) away."""
        entries = [dict(form.settings) for form in self._forms]
        entry = entries.pop(n)
        if by:
            entries.insert(n + by, entry)
        self._draw(entries)
        self._tell()


def _entries(value: Any) -> list[dict[str, Any]]:
    return [dict(each) for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []


def _name(entries: list[dict[str, Any]]) -> str:
    taken = {entry.get("name") for entry in entries}
    return next(name for n in range(1, len(taken) + 2) if (name := f"path-{n}") not in taken)
