"""The widgets of one model, side by side with the settings they edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel

from .around import Around
from .choose import parts
from .field import fields_of
from .folds import Folds
from .widget import Fault, Widget


class Fields:
    """Draws where it is made. ``settings`` holds what is set; what nobody touched stays as it came."""

    def __init__(
        self, model: type[BaseModel], settings: Mapping[str, Any], around: Around, changed: Callable[[], None]
    ) -> None:
        self.settings = dict(settings)
        self._changed = changed
        self._on_names: list[Callable[[tuple[str, ...]], None]] = []
        event = next((field.name for field in fields_of(model) if field.format == "event"), None)
        self._around = around if event is None else around.about(partial(self._text, event))
        self.widgets: list[Widget] = []
        self._folds = Folds(self.settings)
        for n, (kind, fields) in enumerate(parts(model)):
            with self._folds.around(fields[0]):
                self.widgets.append(kind(fields, self.settings, self._around, partial(self._edited, n)))
        self._suit()

    def show(self, settings: Mapping[str, Any]) -> None:
        """Other settings, from outside."""
        self.settings = dict(settings)
        for widget in self.widgets:
            widget.show(self.settings)
        self._suit()

    def complain(self, faults: list[Fault]) -> list[Fault]:
        """Give each fault to the widget it is about; those about none come back."""
        rest = list(faults)
        for widget in self.widgets:
            mine = [fault for fault in rest if fault[0] and fault[0][0] in widget.names]
            rest = [fault for fault in rest if fault not in mine]
            widget.complain(mine)
            if mine:
                self._folds.open(widget.fields[0])
        return rest

    def watch(self, callback: Callable[[tuple[str, ...]], None]) -> None:
        """Call ``callback(names)`` with the settings somebody edits."""
        self._on_names.append(callback)

    def _edited(self, n: int) -> None:
        widget = self.widgets[n]
        said = widget.read()
        self.settings = {name: value for name, value in self.settings.items() if name not in widget.names} | said
        self._suit()
        for callback in self._on_names:
            callback(widget.names)
        self._changed()

    def _suit(self) -> None:
        for widget in self.widgets:
            widget.suit(self.settings)

    def _text(self, name: str) -> str | None:
        value = self.settings.get(name)
        return value if isinstance(value, str) and value else None
