"""A list: questions with answers, products, links, each in a box of its own."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

from nicegui import ui

from ....runtime.content.block_types import Field
from .field import Input

MOST = 40


class Entries(Input):
    """Boxes that open one at a time, so that a long list stays in sight."""

    def draw(self, value: Any) -> None:
        self._open = 0
        with ui.element("div").classes("st-label-line"):
            self.label()
            self._count = ui.label("").classes("sj-form-note")
        self._list = ui.element("div").classes("sj-form-list")
        if not self.at.readonly:
            made = ui.button(f"Add {self._noun.lower()}", icon="add", on_click=self._add, color=None)
            made.props("flat dense no-caps").classes("sj-form-tool").props["data-mark"] = f"add-{self.field.name}"
        self._draw()

    def put(self, value: Any) -> None:
        self._draw()

    @property
    def _noun(self) -> str:
        return self.field.entry or "One more"

    @property
    def _entries(self) -> list[dict[str, Any]]:
        return [each for each in self.value if isinstance(each, dict)] if isinstance(self.value, list) else []

    def _draw(self) -> None:
        from .inputs import make  # a list is an input that holds inputs

        self._list.clear()
        entries = self._entries
        self._count.text = f"{len(entries)}" if entries else "none yet"
        with self._list:
            for n, entry in enumerate(entries):
                with ui.element("div").classes("st-entry").props('role="group"') as box:
                    box.props["aria-label"] = f"{self._noun} {n + 1}"
                    self._head(n, entry, len(entries))
                    if n == self._open:
                        with ui.element("div").classes("st-entry-body"):
                            for field in self.field.fields:
                                value = entry.get(field.name, field.default)
                                make(field, value, partial(self._said, n, field), self.at)

    def _head(self, n: int, entry: dict[str, Any], count: int) -> None:
        with ui.element("div").classes("st-entry-head"):
            title = ui.element("button").classes("st-entry-title sj-clip").props('type="button"')
            title.props["aria-expanded"] = "true" if n == self._open else "false"
            with title.on("click", partial(self._toggle, n), args=[]):
                ui.icon("expand_more" if n == self._open else "chevron_right")
                ui.label(self._title(n, entry)).classes("sj-clip")
            if not self.at.readonly:
                for icon, says, act, there in (
                    ("arrow_upward", "Move up", partial(self._move, n, -1), n > 0),
                    ("arrow_downward", "Move down", partial(self._move, n, 1), n < count - 1),
                    ("delete", "Remove", partial(self._remove, n), True),
                ):
                    made = ui.button(icon=icon, on_click=act, color=None).props("flat dense round").classes("st-mini")
                    made.props["aria-label"] = f"{says}: {self._noun} {n + 1}"
                    made.set_enabled(there)

    def _title(self, n: int, entry: dict[str, Any]) -> str:
        said = next((str(entry[field.name]) for field in self.field.fields if entry.get(field.name)), "")
        return said[:60] or f"{self._noun} {n + 1}"

    def _toggle(self, n: int) -> None:
        self._open = -1 if self._open == n else n
        self._draw()

    def _said(self, n: int, field: Field, value: Any) -> None:
        entries = deepcopy(self._entries)
        if n < len(entries):
            entries[n][field.name] = value
            self.take(entries)

    def _add(self, _clicked: object = None) -> None:
        if len(self._entries) < MOST:
            fresh = {field.name: deepcopy(field.default_in(self.at.language)) for field in self.field.fields}
            self._open = len(self._entries)
            self._changed([*deepcopy(self._entries), fresh])

    def _move(self, n: int, by: int, _clicked: object = None) -> None:
        entries = deepcopy(self._entries)
        entries.insert(n + by, entries.pop(n))
        self._open = n + by
        self._changed(entries)

    def _remove(self, n: int, _clicked: object = None) -> None:
        entries = deepcopy(self._entries)
        del entries[n]
        self._open = min(n, len(entries) - 1)
        self._changed(entries)

    def _changed(self, entries: list[dict[str, Any]]) -> None:
        self.take(entries)
        self._draw()
