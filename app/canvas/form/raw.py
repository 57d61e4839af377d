"""Whatever no other widget knows, as JSON: nothing a model can hold is out of reach."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from .field import ABSENT, Field
from .widget import Fault, Single, field_props


class Raw(Single):
    rank = -1

    @classmethod
    def fits(cls, field: Field) -> bool:
        return True

    def build(self, value: Any) -> None:
        self._broken = ""
        with self.block(help=self.field.help):
            self.input = ui.textarea(self.field.label, value=_written(value), on_change=lambda e: self._read(e.value))
            field_props(self.input, self.field.name, self.around.readonly).props("autogrow").classes("sj-mono")

    def place(self, value: Any) -> None:
        self._broken = ""
        self.input.value = _written(value)

    def complain(self, faults: list[Fault]) -> None:
        if self._broken:
            self.say([self._broken])
        else:
            super().complain(faults)

    def _read(self, written: str | None) -> None:
        self._broken = ""
        if not (written or "").strip():
            self.take(None if self.field.optional else ABSENT)
            return
        try:
            self.take(json.loads(written or ""))
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            self._broken = f'{self.field.label} is no JSON (line {line}); write texts as "text", lists as [1, 2].'
            self.complain([])
        except RecursionError:
            self._broken = f"{self.field.label} is nested too deeply."
            self.complain([])
        else:
            self.complain([])


def _written(value: Any) -> str:
    return "" if value is ABSENT or value is None else json.dumps(value, ensure_ascii=False, indent=2)
