"""Two settings on one line: an amount with its unit, a time from and a time to, a choice with its number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from nicegui import ui

from .choice import options_of
from .clock import Clock, picker
from .field import ABSENT, Field
from .number import numeric, parsed, spelt
from .text import mark
from .widget import Fault, Widget, field_props


class Pair(Widget):
    """Keeps the two values in ``self.values``, by name."""

    together: ClassVar[tuple[str, str]]

    @classmethod
    def suits(cls, fields: Mapping[str, Field]) -> bool:
        """Whether both fields are there and of the right sort."""
        return set(cls.together) <= fields.keys()

    def draw(self, settings: Mapping[str, Any]) -> None:
        self.values = self._of(settings)
        self.inputs: dict[str, Any] = {}
        with self.block(self.title(), self.help()), ui.element("div").classes("sj-form-line"):
            self.build()

    def read(self) -> dict[str, Any]:
        return {name: value for name, value in self.values.items() if value is not ABSENT}

    def show(self, settings: Mapping[str, Any]) -> None:
        now = self._of(settings)
        changed = {name for name in now if now[name] != self.values[name]}
        self.values = now
        for name in changed:
            self.place(name, now[name])

    def complain(self, faults: list[Fault]) -> None:
        labels = {field.name: field.label for field in self.fields}
        self.say([f"{labels.get(str(place[0]) if place else '', self.title())} {text}." for place, text in faults])
        for name, element in self.inputs.items():
            mark(element, [fault for fault in faults if fault[0][:1] == (name,)], True)

    def title(self) -> str:
        return self.fields[0].label

    def help(self) -> str:
        return " ".join(field.help for field in self.fields)

    @abstractmethod
    def build(self) -> None:
        """Make the elements of both."""

    def place(self, name: str, value: Any) -> None:
        self.inputs[name].value = spelt(value)

    def put(self, name: str, value: Any) -> None:
        """The person chose a value for one of the two."""
        if value != self.values[name]:
            self.values[name] = value
            self.edited()

    def number(self, field: Field) -> Any:
        made = ui.input(
            field.label, value=spelt(self.values[field.name]), on_change=lambda e: self.put(field.name, parsed(e.value))
        )
        numeric(made, field)
        self.inputs[field.name] = field_props(made, field.name, self.around.readonly)
        return made

    def choice(self, field: Field, options: Mapping[Any, str]) -> Any:
        value = self.values[field.name]
        shown = {**options, **({} if value in options or value is ABSENT else {value: str(value)})}
        made = ui.select(
            shown,
            value=None if value is ABSENT else value,
            label=field.label,
            on_change=lambda e: self.put(field.name, ABSENT if e.value is None else e.value),
        )
        self.inputs[field.name] = field_props(made, field.name, self.around.readonly).props("options-dense")
        return made

    def _of(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        return {field.name: settings.get(field.name, field.default) for field in self.fields}


class Duration(Pair):
    """How long: an amount and its unit."""

    together = ("amount", "unit")

    def title(self) -> str:
        return "How long" if self.fields[0].default == 1 else "Over how long"

    def help(self) -> str:
        return ""

    def build(self) -> None:
        amount, unit = self.fields
        self.number(amount)
        refused = ("minutes",) if "minutes" not in unit.help else ()
        self.choice(unit, {value: words for value, words in options_of(unit).items() if value not in refused})


class Hours(Pair):
    """From one time of day to another."""

    together = ("from", "to")

    @classmethod
    def suits(cls, fields: Mapping[str, Field]) -> bool:
        return super().suits(fields) and all(Clock.fits(fields[name]) for name in cls.together)

    def title(self) -> str:
        return "Hours"

    def build(self) -> None:
        for field in self.fields:
            made = picker(field, self.values[field.name], lambda e, name=field.name: self.put(name, e.value or ABSENT))
            self.inputs[field.name] = field_props(made, field.name, self.around.readonly)


class Again(Pair):
    """Who may come in again, and after how many days."""

    together = ("reentry", "reentry_days")

    SAYS: ClassVar = {"once": "only once", "always": "any time", "after": "after some days"}

    def title(self) -> str:
        return "Coming in again"

    def help(self) -> str:
        return "Nobody is inside twice at the same time."

    def build(self) -> None:
        policy, days = self.fields
        self.choice(policy, self.SAYS).props["label"] = "Who came in before"
        self.number(days).props["label"] = "Days"
        self._tell()

    def place(self, name: str, value: Any) -> None:
        super().place(name, value)
        self._tell()

    def put(self, name: str, value: Any) -> None:
        super().put(name, value)
        self._tell()

    def _tell(self) -> None:
        if len(self.inputs) == 2:
            self.inputs[self.fields[1].name].visible = self.values[self.fields[0].name] == "after"


PAIRS: tuple[type[Pair], ...] = (Duration, Hours, Again)
