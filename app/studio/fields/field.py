"""What every input of a block's form does: show a setting, say what it is now, help to fill it in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from ....runtime.content.block_types import Field

Take = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds an input: colours of the kit, whether it may be changed, and what stands there untranslated."""

    readonly: bool = False
    swatches: tuple[tuple[str, str], ...] = ()  # name and #rrggbb
    language: str = ""
    own: Any = None  # what the letter itself says, where another language is written
    variables: Callable[[Callable[[str], None]], Any] | None = None  # draws the button that offers them


class Input(ABC):
    """One setting. It draws itself where it is made; ``take`` hears what the person said."""

    def __init__(self, field: Field, value: Any, take: Take, at: Setting) -> None:
        self.field, self.value, self.at = field, value, at
        self._take, self._silent = take, False
        with ui.element("div").classes("sj-form-part") as self.place:
            self.place.props["data-field"] = field.name
            self.draw(value)
            if field.help:
                ui.label(field.help).classes("sj-form-help")

    @abstractmethod
    def draw(self, value: Any) -> None:
        """Make the elements."""

    @abstractmethod
    def put(self, value: Any) -> None:
        """Write another value into the elements that are there."""

    def show(self, value: Any) -> None:
        """The value became another one elsewhere, by undo or by somebody else."""
        if value != self.value:
            self.value = value
            self._silent = True
            self.put(value)
            self._silent = False

    def take(self, value: Any) -> None:
        """The person chose this value."""
        if not self._silent and value != self.value:
            self.value = value
            self._take(value)

    def label(self) -> None:
        """The name above an input that has none of its own."""
        ui.label(self.field.label).classes("sj-form-label")

    def known(self, made: Any) -> Any:
        """The look of an input, its name for those who hear the screen, and the mark tests find it by."""
        made.props("outlined dense").classes("sj-form-input")
        made.props["data-input"] = self.field.name
        if self.at.readonly:
            made.set_enabled(False)
        return made
