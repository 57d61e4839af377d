"""A list of texts or numbers: each a chip, a new one with Enter or a comma."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from .field import Field
from .number import parsed
from .widget import Single, field_props


class Several(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.items in (str, int, float)

    def build(self, value: Any) -> None:
        numbers = self.field.items in (int, float)
        with self.block(help=self.field.help):
            self.chips = Chips(
                self.field.label,
                list(value) if isinstance(value, list | tuple) else [],
                self.take,
                name=self.field.name,
                readonly=self.around.readonly,
                read=parsed if numbers else str,
            )

    def place(self, value: Any) -> None:
        self.chips.place(list(value) if isinstance(value, list | tuple) else [])


class Chips:
    """The chips and the input behind them; what is typed counts as soon as the cursor leaves."""

    def __init__(
        self,
        label: str,
        value: list[Any],
        take: Callable[[list[Any]], None],
        *,
        name: str,
        readonly: bool = False,
        read: Callable[[str], Any] = str,
    ) -> None:
        self._take, self._read = take, read
        self._name = name
        self._known = {spell(each): each for each in value}
        self._silent = False
        self.select = ui.select(
            [*self._known], value=[*self._known], multiple=True, label=label, on_change=self._changed
        )
        field_props(self.select, name, readonly)
        self.select.props('use-input use-chips hide-dropdown-icon input-debounce="0" new-value-mode="add-unique"')
        self.select.props('options-dense no-options hint="Enter adds one"')
        self.select.props(remove="fill-input hide-selected")
        self.select.on("input-value", self._typing)
        self.select.on("blur", self._left, args=[])
        self._typed = ""

    def place(self, value: list[Any]) -> None:
        self._known = {spell(each): each for each in value}
        self._silent = True
        self.select.set_options([*self._known], value=[*self._known])
        self._silent = False

    def _changed(self, event: Any) -> None:
        if not self._silent:
            self._typed = ""
            self._take(self._values(event.value or []))

    def _typing(self, event: Any) -> None:
        self._typed = str(event.args or "")

    def _left(self) -> None:
        """Words that were typed and not entered are meant, too."""
        if self._typed.strip():
            values = self._values([*(self.select.value or []), *self._typed.split(",")])
            self._typed = ""
            self.place(values)
            self.select.run_method("updateInputValue", "", True)
            self._take(values)

    def _values(self, written: list[Any]) -> list[Any]:
        parts = [part.strip() for each in written for part in ([each] if each in self._known else str(each).split(","))]
        return [self._known.get(part, self._read(part)) for part in dict.fromkeys(parts) if part]


def spell(value: Any) -> str:
    """A value as a chip."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
