"""Settings inside settings: a model as a field of another."""

from __future__ import annotations

from inspect import isclass
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from .field import Field
from .fields import Fields
from .widget import Fault, Single


class Group(Single):
    """A form of its own in a box; one that may be left out has a switch."""

    @classmethod
    def fits(cls, field: Field) -> bool:
        return isclass(field.annotation) and issubclass(field.annotation, BaseModel)

    def build(self, value: Any) -> None:
        self._fields: Fields | None = None
        with self.block(self.field.label, self.field.help):
            if self.field.optional:
                self._switch = ui.switch("In use", value=isinstance(value, dict), on_change=self._turn).props("dense")
                self._switch.set_enabled(not self.around.readonly)
            self._place = ui.element("div").classes("sj-form-box")
        self.place(value)

    def place(self, value: Any) -> None:
        there = isinstance(value, dict)
        if self.field.optional:
            self._switch.value = there
        self._place.visible = there or not self.field.optional
        if self._fields is not None and there:
            self._fields.show(value)
            return
        self._place.clear()
        self._fields = None
        if self._place.visible:
            with self._place:
                self._fields = Fields(self.field.annotation, value if there else {}, self.around, self._tell)

    def complain(self, faults: list[Fault]) -> None:
        rest = self._fields.complain([(place[1:], text) for place, text in faults]) if self._fields else faults
        super().complain([((self.field.name, *place), text) for place, text in rest])

    def _tell(self) -> None:
        assert self._fields is not None
        self.take(dict(self._fields.settings))

    def _turn(self, event: Any) -> None:
        if bool(event.value) != isinstance(self.value, dict):
            self.value = {} if event.value else None
            self.place(self.value)
            self.edited()
