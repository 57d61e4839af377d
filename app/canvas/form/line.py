"""One test as a line of inputs that reads like the sentence it means; what is as usual is not written down."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from nicegui import ui

from .around import Around, Option
from .completing import Completing
from .field import ABSENT
from .number import parsed, spelt
from .widget import Fault, field_props


class Line(ABC):
    """``key`` is what tells the test apart, ``asked`` the calm question while that is empty."""

    key: ClassVar[str]
    asked: ClassVar[str]
    subjects: ClassVar[Mapping[str, str]] = {}  # what complaints call the parts of the test

    def __init__(self, test: Mapping[str, Any], around: Around, changed: Callable[[], None]) -> None:
        self.test = dict(test)
        self.around, self._changed = around, changed
        self._inputs: dict[str, Callable[[Any], None]] = {}
        with ui.element("div").classes("sj-form-test is-line"):
            self.draw()
        self._note = ui.label("").classes("sj-form-fault").props('role="alert"')
        self._note.visible = False

    @abstractmethod
    def draw(self) -> None:
        """Make the inputs."""

    def show(self, test: Mapping[str, Any]) -> None:
        """Somebody else changed it."""
        before, self.test = self.test, dict(test)
        for name, put in self._inputs.items():
            if test.get(name, ABSENT) != before.get(name, ABSENT):
                put(test.get(name))

    def complain(self, faults: list[Fault]) -> None:
        """What is wrong with this test; what is not filled in yet is asked for calmly."""
        calm = self.waiting()
        said = [] if calm else [f"{self._subject(place)} {text}." for place, text in faults]
        text = " ".join(calm or said)
        if self._note.text != text:
            self._note.text = text
        self._note.visible = bool(text)
        self._note.classes("is-calm") if calm else self._note.classes(remove="is-calm")

    def waiting(self) -> list[str]:
        """What still has to be said, as sentences."""
        return [] if self.test.get(self.key) else [self.asked]

    def put(self, values: Mapping[str, Any]) -> None:
        """Change parts of the test; ABSENT takes one out."""
        if all(_same(self.test.get(name, ABSENT), value) for name, value in values.items()):
            return
        kept = {**self.test, **values}
        self.test = {name: value for name, value in kept.items() if value is not ABSENT}
        self._changed()

    # ── inputs ────────────────────────────────────────────────────────────────────────────────────────

    def named(self, name: str, label: str, offer: Callable[[], Awaitable[Sequence[Option]]]) -> Completing:
        """A name completed from what there is."""
        made = Completing(
            label, str(self.test.get(name) or ""), offer, lambda text: self.put({name: text}),
            name=name, readonly=self.around.readonly,
        )  # fmt: skip
        self._inputs[name] = lambda value: made.place(str(value or ""))
        return made

    def select(self, name: str, options: Mapping[Any, str], usual: Any, says: str) -> ui.select:
        """One of a few, where ``usual`` is not written down."""
        value = self.test.get(name, usual)
        shown = dict(options) if value in options or not value else {**options, value: str(value)}

        def take(chosen: Any) -> None:
            if chosen is not None:
                self.put({name: ABSENT if chosen == usual and name != self.key else chosen})

        made = ui.select(shown, value=value if value in shown else None, on_change=lambda e: take(e.value))
        field_props(made, name, self.around.readonly).props("options-dense").props["aria-label"] = says
        self._inputs[name] = lambda value: _put(made, usual if value is None else value)
        return made

    def number(self, name: str, label: str, usual: Any = ABSENT, whole: bool = False) -> ui.input:
        """A number above nothing."""

        def take(written: Any) -> None:
            value = parsed(written)
            self.put({name: ABSENT if value == usual else value})

        made = ui.input(label, value=spelt(self.test.get(name, usual)), on_change=lambda e: take(e.value))
        made.props('type="number" step="1" min="1"' if whole else 'type="number" step="any"')
        field_props(made, name, self.around.readonly)
        self._inputs[name] = lambda value: _put(made, spelt(usual if value is None else value))
        return made

    def follow(self, name: str, put: Callable[[Any], None]) -> None:
        """Call ``put`` when somebody else changes this part."""
        self._inputs[name] = put

    def _subject(self, place: tuple[str | int, ...]) -> str:
        about = str(place[0]) if place else ""
        return self.subjects.get(about, about.replace("_", " ").capitalize() or "This test")


def _put(made: Any, value: Any) -> None:
    made.value = value


def _same(value: Any, other: Any) -> bool:
    alike = isinstance(value, bool) is isinstance(other, bool)  # true is no 1 here
    return value is other or (alike and value is not ABSENT and other is not ABSENT and value == other)
