"""What a property is compared with: an input that fits the operator, and keeps numbers numbers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from ....nodes.operators import OPERATORS
from .around import Option
from .completing import Completing
from .field import ABSENT
from .number import parsed, spelt
from .several import Chips, spell
from .widget import field_props

KINDS = {"one": "any", "many": "list", "number": "number", "days": "number", "moment": "moment", "nothing": "nothing"}


class Value:
    """Draws itself anew when another operator wants another sort of value."""

    def __init__(
        self,
        op: str,
        value: Any,
        samples: Callable[[], Awaitable[Sequence[Any]]],
        take: Callable[[Any], None],
        *,
        readonly: bool,
    ) -> None:
        self._samples, self._take, self._readonly = samples, take, readonly
        self._silent = False  # while a value comes from outside
        self._place = ui.element("div").classes("sj-form-value")
        self.value = value
        self._kind = ""
        self.fit(op)

    def fit(self, op: str) -> Any:
        """The value as this operator takes it; the input follows."""
        takes = OPERATORS[op].takes if op in OPERATORS else "one"
        kind = KINDS[takes]
        if kind == "nothing":
            self.value = ABSENT
        elif kind == "list" and not isinstance(self.value, list | tuple):
            self.value = [] if self.value in (ABSENT, None, "") else [self.value]
        elif kind != "list" and isinstance(self.value, list | tuple):
            self.value = self.value[0] if self.value else ABSENT
        if kind != self._kind:
            self._kind = kind
            self._draw(takes)
        return self.value

    def place(self, value: Any) -> None:
        """Another value, from outside."""
        self.value = value
        if isinstance(self.input, Chips):
            self.input.place(list(value) if isinstance(value, list | tuple) else [])
        elif isinstance(self.input, Completing):
            self.input.place(_written(value))
        elif self.input is not None:
            self._silent = True
            self.input.value = spelt(value) if self._kind == "number" else _written(value)
            self._silent = False

    input: Any = None

    def _draw(self, takes: str) -> None:
        self._place.clear()
        self.input = None
        self._place.visible = self._kind != "nothing"
        with self._place:
            if self._kind == "list":
                values = list(self.value)
                self.input = Chips("Values", values, self._set, name="value", readonly=self._readonly, read=typed)
            elif self._kind == "any":
                self.input = Completing(
                    "Value", _written(self.value), self._offer, lambda text: self._set(typed(text)),
                    name="value", readonly=self._readonly, nothing="No value was seen yet; type one.",
                )  # fmt: skip
            elif self._kind != "nothing":
                self.input = self._plain(takes)

    def _plain(self, takes: str) -> Any:
        number = self._kind == "number"
        made = ui.input(
            {"days": "Days", "number": "Number"}.get(takes, "Date"),
            value=spelt(self.value) if number else _written(self.value),
            placeholder="" if number else "2026-05-01",
            on_change=lambda e: self._set(parsed(e.value) if number else (e.value or ABSENT)),
        )
        if number:
            made.props('type="number" step="any" inputmode="decimal"')
        return field_props(made, "value", self._readonly)

    async def _offer(self) -> list[Option]:
        return [Option(spell(sample)) for sample in await self._samples()]

    def _set(self, value: Any) -> None:
        if self._silent:
            return
        self.value = value
        self._take(value)


def typed(text: str) -> Any:
    """What a person means by a text: a number and a truth value are more than their letters."""
    if text == "":
        return ABSENT
    if text in ("true", "false"):
        return text == "true"
    plain = text.lstrip("-")
    if plain[:1].isdigit() and not (plain[0] == "0" and plain[1:2].isdigit()) and len(text) <= 15:
        number = parsed(text, text)
        return number if not isinstance(number, str) and spell(number) == text else text
    return text


def _written(value: Any) -> str:
    return "" if value in (None, ABSENT) and not isinstance(value, bool) else spell(value)
