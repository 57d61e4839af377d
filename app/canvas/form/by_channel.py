"""For each channel something: a length of time, or the channels that come after it."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from ....runtime.policy.policy_names import known_channels
from .field import ABSENT, Field
from .length import LengthInputs
from .widget import Single, field_props


class ByChannel(Single):
    """A row for each channel that is in use, and a way to add another one."""

    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.format in ("length_by_channel", "channels_by_channel")

    def build(self, value: Any) -> None:
        with self.block(self.field.label, self.field.help):
            self._rows = ui.element("div").classes("sj-form-list")
            self._more = ui.select([], label="Add a channel", on_change=self._add)
            field_props(self._more, f"{self.field.name}.add", self.around.readonly).props("options-dense")
        self.place(value)

    def place(self, value: Any) -> None:
        given = value if isinstance(value, dict) else {}
        self._rows.clear()
        with self._rows:
            for channel, said in given.items():
                self._row(channel, said)
        known = known_channels()
        self._more.set_options({name: label for name, label in known.items() if name not in given}, value=None)

    def _row(self, channel: str, said: Any) -> None:
        label = known_channels().get(channel, channel)
        with ui.element("div").classes("sj-form-box"):
            with ui.element("div").classes("sj-form-row sj-form-box-head"):
                ui.label(label).classes("sj-form-label sj-form-grow")
                if not self.around.readonly:
                    made = ui.button(icon="close", on_click=partial(self._drop, channel), color=None)
                    made.props("flat dense round").classes("sj-form-mini").props["aria-label"] = f"Remove {label}"
            name = f"{self.field.name}.{channel}"
            if self.field.format == "length_by_channel":
                LengthInputs(name, label, str(said or ""), partial(self._put, channel), self.around.readonly)
            else:
                others = {key: each for key, each in known_channels().items() if key != channel}
                chosen = [each for each in said if each in others] if isinstance(said, list) else []
                made = ui.select(
                    others, value=chosen, multiple=True, label="Then these, in order",
                    on_change=lambda e: self._put(channel, list(e.value or [])),
                )  # fmt: skip
                field_props(made, name, self.around.readonly).props("options-dense use-chips")

    def _add(self, event: Any) -> None:
        if event.value:
            fresh: Any = "12 hours" if self.field.format == "length_by_channel" else []
            self._take({**self._given(), event.value: fresh}, redraw=True)

    def _drop(self, channel: str) -> None:
        self._take({key: each for key, each in self._given().items() if key != channel}, redraw=True)

    def _put(self, channel: str, said: Any) -> None:
        self._take({**self._given(), channel: "" if said is ABSENT else said})

    def _take(self, value: dict[str, Any], redraw: bool = False) -> None:
        self.take(value)
        if redraw:
            self.place(value)

    def _given(self) -> dict[str, Any]:
        return dict(self.value) if isinstance(self.value, dict) else {}
