"""The forms of one message, one below the other: each a message of the journey, whose medium says the channel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from ....nodes.sending import medium_of
from ..contents import written_here
from ..message_picture import medium_icon, medium_label
from .field import Field
from .thumbnail import first_words
from .widget import Single

EMAIL = "email"


class Ways(Single):
    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.format == "ways"

    def build(self, value: Any) -> None:
        with self.block(self.field.label, self.field.help):
            self._list = ui.element("div").classes("sj-form-list")
            if not self.around.readonly:
                self._adding = ui.element("div").classes("sj-form-tools")
        self.place(value)

    def place(self, value: Any) -> None:
        ways = _ways(value)
        self._list.clear()
        with self._list:
            for n, way in enumerate(ways):
                self._row(n, way, len(ways))
        if not self.around.readonly:
            self._adding.clear()
            with self._adding:
                self._adder(ways)

    def refresh(self) -> None:
        """The journey's letters changed."""
        self.place(self.value)

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────

    def _row(self, n: int, way: Mapping[str, Any], count: int) -> None:
        name = str(way.get("message") or "")
        message = self.around.letters().get(name)
        with ui.element("div").classes("sj-form-row sj-way") as row:
            row.props["data-row"] = n
            ui.icon(medium_icon(str(way.get("channel") or ""))).classes("sj-soft")
            with ui.element("div").classes("sj-form-grow sj-way-words"):
                ui.label(f"{medium_label(str(way.get('channel') or ''))} · {name}").classes("sj-strong sj-clip")
                says = (
                    str(message.get("subject") or "") or first_words(message) if message else "It is no longer there."
                )
                ui.label(says).classes("sj-form-note sj-clip")
            if message is not None and self.around.open_letter:
                self._tool("edit", f"Open {name}", partial(self._open, name), True)
            if not self.around.readonly:
                self._tool("arrow_upward", f"Try {name} earlier", partial(self._move, n, -1), n > 0)
                self._tool("arrow_downward", f"Try {name} later", partial(self._move, n, 1), n < count - 1)
                self._tool("close", f"Do not try {name}", partial(self._move, n, 0), True)

    def _tool(self, icon: str, says: str, on_click: Any, enabled: bool) -> None:
        made = ui.button(icon=icon, on_click=on_click, color=None).props("flat dense round").classes("sj-form-mini")
        made.props["aria-label"] = says
        made.set_enabled(enabled)

    def _adder(self, ways: list[dict[str, Any]]) -> None:
        opener = ui.button("Add a message", icon="add", color=None).props("flat dense no-caps").classes("sj-form-tool")
        opener.props["data-input"] = f"{self.field.name}.add"
        taken = {way.get("message") for way in ways}
        with opener, ui.menu().classes("sj-menu"):
            for name, message in self.around.letters().items():
                if name not in taken:
                    self._offer(medium_of(message), name, partial(self._add, name))
            if self.around.new_letter:
                for medium in written_here():
                    self._offer(medium.name, f"New: {medium.label.lower()}", partial(self._make, medium.name))
                self._offer(EMAIL, "New: letter", partial(self._make, EMAIL))

    def _offer(self, medium: str, text: str, act: Any) -> None:
        with ui.menu_item(on_click=act).classes("sj-form-act") as item:
            item.props["data-way"] = text
            ui.icon(medium_icon(medium))
            ui.label(text)

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────

    def _add(self, name: str, _clicked: object = None) -> None:
        message = self.around.letters().get(name)
        if message is not None:
            self._now([*_ways(self.value), {"channel": medium_of(message), "message": name}])

    def _make(self, medium: str, _clicked: object = None) -> None:
        made = self.around.new_letter(medium) if self.around.new_letter else None
        if made is not None:
            self._now([*_ways(self.value), {"channel": medium, "message": made}])
            self._open(made)

    def _open(self, name: str, _clicked: object = None) -> None:
        if self.around.open_letter:
            self.around.open_letter(name)

    def _move(self, n: int, by: int, _clicked: object = None) -> None:
        """Up, down, or (0) away."""
        ways = _ways(self.value)
        way = ways.pop(n)
        if by:
            ways.insert(n + by, way)
        self._now(ways)

    def _now(self, ways: list[dict[str, Any]]) -> None:
        self.take(ways)
        self.place(ways)


def _ways(value: Any) -> list[dict[str, Any]]:
    return [dict(each) for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []
