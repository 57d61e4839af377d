"""A time zone of the world, found by typing a part of its name."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from nicegui import ui

from ....nodes.zones import must_be_a_zone
from .field import ABSENT, Field
from .widget import Single, field_props


class Zone(Single):
    @classmethod
    def fits(cls, field: Field) -> bool:
        validators = [getattr(each, "func", None) for each in field.metadata]
        return field.annotation is str and (field.format == "zone" or must_be_a_zone in validators)

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            self.select = ui.select(
                self._shown(value),
                value=None if value is ABSENT else value,
                label=self.field.label,
                with_input=True,
                on_change=lambda e: self.take(e.value if e.value is not None else self._unsaid()),
            )
            field_props(self.select, self.field.name, self.around.readonly)
            self.select.props("options-dense" + (" clearable" if self.field.optional else ""))

    def place(self, value: Any) -> None:
        self.select.set_options(self._shown(value), value=None if value is ABSENT else value)

    def _unsaid(self) -> Any:
        return None if self.field.optional else ABSENT

    def _shown(self, value: Any) -> dict[str, str]:
        """First what the field offers beside zones, such as everybody's own."""
        shown = {each: f"{each}’s own" for each in self.field.schema.get("examples", ()) if each not in _zones()}
        shown |= {name: name.replace("_", " ") for name in _zones()}
        if isinstance(value, str):
            shown.setdefault(value, value)
        return shown


@cache
def _zones() -> tuple[str, ...]:
    """UTC first, then regions by name; not the hundred old names nobody looks for."""
    named = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *named)
