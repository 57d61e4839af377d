"""An input that offers what was seen before and takes anything else as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from .around import Option
from .widget import field_props

MOST = 40  # offered at once


class Completing:
    """A text input with a list below it. The cursor stays in the input; arrows and Enter choose."""

    def __init__(
        self,
        label: str,
        value: str,
        offer: Callable[[], Awaitable[Sequence[Option]]],
        take: Callable[[str], None],
        *,
        name: str,
        readonly: bool = False,
        nothing: str = "Nothing like this was seen yet; it may still be right.",
    ) -> None:
        self._offer, self._take, self._nothing = offer, take, nothing
        self._found: list[Option] = []
        self._all: Sequence[Option] | None = None
        self._at = -1
        self.input = ui.input(label, value=value, on_change=self._typed)
        field_props(self.input, name, readonly)
        self.input.props('autocomplete="off" role="combobox" aria-autocomplete="list" aria-expanded="false"')
        self.input.on("focus", self._open, args=[])
        self.input.on("blur", self._close, args=[])
        self.input.on("keydown.down.prevent", lambda: self._move(1), args=[])
        self.input.on("keydown.up.prevent", lambda: self._move(-1), args=[])
        self.input.on("keydown.enter", self._enter, args=[])
        self.input.on("keydown.esc", self._close, args=[])
        with self.input:
            self._menu = ui.menu().props("no-focus no-parent-event no-refocus fit").classes("sj-form-offers")
        self._menu.props["max-height"] = "280px"
        self.input.props["aria-controls"] = self._menu.html_id

    def place(self, value: str) -> None:
        """Another value, from outside."""
        if self.input.value != value:
            self._silent = True
            self.input.value = value
            self._silent = False

    _silent = False

    def _typed(self, event: Any) -> None:
        if self._silent:
            return
        self._take(str(event.value or ""))
        if self._all is not None:
            self._filter(str(event.value or ""))

    async def _open(self) -> None:
        self._all = await self._offer()
        self._filter("")

    def _filter(self, typed: str) -> None:
        part = typed.strip().lower()
        fitting = [option for option in self._all or () if part in option.value.lower()]
        self._found = sorted(fitting, key=lambda option: not option.value.lower().startswith(part))[:MOST]
        self._at = -1
        if self._found == [Option(typed, note) for note in [found.note for found in self._found]]:
            self._close()  # what stands there is all there is
            return
        self._draw()
        self._menu.value = bool(self._found) or bool(self._all is not None and not self._all)
        self.input.props["aria-expanded"] = "true" if self._menu.value else "false"

    def _draw(self) -> None:
        self._menu.clear()
        with self._menu, ui.element("div").props('role="listbox"'):
            self._items = [self._item(option) for option in self._found]
            if not self._found:
                ui.label(self._nothing).classes("sj-form-none")

    def _item(self, option: Option) -> Any:
        item = ui.element("div").classes("sj-form-offer").props('role="option" tabindex="-1"')
        # pressing must not take the cursor out of the input, so the choice is made on mousedown
        with item.on("mousedown.prevent", lambda: self._choose(option), args=[]):
            ui.label(option.value).classes("sj-clip")
            ui.label(option.note).classes("sj-form-note")
        return item

    def _move(self, by: int) -> None:
        if not self._found or not self._menu.value:
            return
        if 0 <= self._at < len(self._items):
            self._items[self._at].classes(remove="is-active")
        self._at = (self._at + by) % len(self._found)
        self._items[self._at].classes("is-active")
        self.input.props["aria-activedescendant"] = self._items[self._at].html_id

    def _enter(self) -> None:
        if self._menu.value and 0 <= self._at < len(self._found):
            self._choose(self._found[self._at])
        else:
            self._close()

    def _choose(self, option: Option) -> None:
        self.place(option.value)
        self._take(option.value)
        self._close()

    def _close(self) -> None:
        self._at = -1
        if self._menu.value:
            self._menu.value = False
            self.input.props["aria-expanded"] = "false"
