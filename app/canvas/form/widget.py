"""What every widget of a form does: show settings, say what they are now, and say what is wrong with them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from nicegui import ui
from nicegui.element import Element

from ....nodes.complaints import Place
from .around import Around
from .field import ABSENT, Field

Fault = tuple[Place, str]  # where, and a sentence without its subject
Changed = Callable[[], None]


class Widget(ABC):
    """A part of a form for one or several settings. It draws itself where it is made."""

    def __init__(self, fields: Iterable[Field], settings: Mapping[str, Any], around: Around, changed: Changed) -> None:
        self.fields = tuple(fields)
        self.around = around
        self._changed = changed
        self._note: ui.label | None = None
        self._part: Element | None = None
        self.touched = False
        self.draw(settings)

    @classmethod
    def fits(cls, field: Field) -> bool:
        """Whether this widget is the one for a field like this."""
        return False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @abstractmethod
    def draw(self, settings: Mapping[str, Any]) -> None:
        """Make the elements, filled with what the settings say."""

    @abstractmethod
    def read(self) -> dict[str, Any]:
        """The settings as the person left them; what is not there is left out."""

    @abstractmethod
    def show(self, settings: Mapping[str, Any]) -> None:
        """Somebody else changed them: show that without taking the cursor away."""

    def complain(self, faults: list[Fault]) -> None:
        """Say what is wrong; an empty list says all is well."""
        said, waiting = [], []
        for place, text in faults:
            missing = text == "is missing" and len(place) <= 1 and not self.touched
            (waiting if missing else said).append(f"{self.fields[0].label} {text}.")
        self.say(said or (["Still to be filled in."] if waiting else []), calm=not said)

    def suit(self, settings: Mapping[str, Any]) -> None:
        """Show it only where it means something beside the other settings (``shown_with``, ``shown_at``)."""
        schema = self.fields[0].schema
        beside, at = schema.get("shown_with"), schema.get("shown_at")
        if self._part is not None and (beside or at):
            there = not beside or any(settings.get(name) for name in beside)
            self._part.visible = there and (not at or settings.get(at[0]) == at[1])

    # ── for those who derive ──────────────────────────────────────────────────────────────────────────

    def edited(self) -> None:
        """The person changed something here."""
        self.touched = True
        self._changed()

    @contextmanager
    def block(self, label: str = "", help: str = "") -> Iterator[Element]:
        """The place of the whole widget: a name above, help and complaints below."""
        field = self.fields[0]
        with ui.element("div").classes("sj-form-part") as place:
            self._part = place
            place.props["data-field"] = field.name
            place.props["role"] = "group"
            place.props["aria-label"] = label or field.label
            if label:
                ui.label(label).classes("sj-form-label")
            yield place
            self._note = ui.label("").classes("sj-form-fault").props('role="alert"')
            self._note.visible = False
            if help:
                ui.label(help).classes("sj-form-help")

    def say(self, sentences: list[str], calm: bool = False) -> None:
        """Show these sentences below the widget; calm ones are no alarm."""
        if self._note is not None:
            text = " ".join(sentences)
            if self._note.text != text:
                self._note.text = text
            self._note.visible = bool(text)
            self._note.classes("is-calm") if calm else self._note.classes(remove="is-calm")


class Single(Widget):
    """A widget for one setting: `value` is what it says, ABSENT for nothing."""

    rank: ClassVar[int] = 1  # who knows more about a field stands higher
    value: Any = ABSENT

    def __init__(self, fields: Iterable[Field], settings: Mapping[str, Any], around: Around, changed: Changed) -> None:
        self.field = next(iter(fields))
        super().__init__((self.field,), settings, around, changed)

    def draw(self, settings: Mapping[str, Any]) -> None:
        self.value = settings.get(self.field.name, self.field.default)
        self.build(self.value)

    def read(self) -> dict[str, Any]:
        return {} if self.value is ABSENT else {self.field.name: self.value}

    def show(self, settings: Mapping[str, Any]) -> None:
        value = settings.get(self.field.name, self.field.default)
        if value != self.value or (value is ABSENT) != (self.value is ABSENT):
            self.value = value
            self.place(value)

    @abstractmethod
    def build(self, value: Any) -> None:
        """Make the elements."""

    @abstractmethod
    def place(self, value: Any) -> None:
        """Write another value into the elements that are there."""

    def take(self, value: Any) -> None:
        """The person chose this value."""
        if value != self.value or type(value) is not type(self.value):
            self.value = value
            self.edited()


def field_props(element: Any, field_name: str, readonly: bool) -> Any:
    """The look every input of a form has, and the mark tests find it by."""
    element.props("outlined dense").classes("sj-form-input")
    element.props["data-input"] = field_name
    if readonly:
        element.set_enabled(False)
    return element
