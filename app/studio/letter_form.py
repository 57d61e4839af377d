"""What a letter says of itself: subject and preheader, languages, its text part, what is counted of it."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.content.block_types import Field
from . import blocks
from .bench import Bench
from .counted import Counted
from .fields.field import Setting
from .fields.text import Text
from .languages import Languages
from .variables import Variables

SUBJECT, PREHEADER = 50, 90  # characters that most mail programs show on a phone
LINES = {
    "subject": Field("subject", "Subject", "text", translatable=True),
    "preheader": Field(
        "preheader", "Preheader", "text", help="The line mail programs show behind the subject.", translatable=True
    ),
    "text": Field(
        "text", "Text part", "text", help="For programs without pictures. Left empty, it is made from the letter.",
        translatable=True, long=True,
    ),
}  # fmt: skip


VARIABLE = re.compile(r"\{\{[^}]*?(?:default\(\s*[\"']([^\"']*)[\"']\s*\))?\s*\}\}")
NAME = "Katerina"  # as long as what stands in for a variable


class LetterForm:
    """Draws where it is made and follows the letter."""

    def __init__(self, bench: Bench, write_in: Any) -> None:
        self._bench, self._write_in = bench, write_in
        self._variables = Variables(bench)
        with ui.element("div").classes("st-form") as self.place:
            self._lines = ui.element("div").classes("st-form")
            if bench.document.kind == "letter":
                self._languages = Languages(bench, write_in)
                self._counted = Counted(bench)
        bench.watch("letter", self._follow)
        self.redraw()

    def redraw(self) -> None:
        """Another language is written."""
        self._lines.clear()
        self._inputs: dict[str, Text] = {}
        self._meters: dict[str, Any] = {}
        with self._lines:
            if self._bench.document.kind == "letter":
                for name in ("subject", "preheader"):
                    self._line(name)
                with ui.expansion("Text part").classes("st-more").props("dense"):
                    self._line("text")
                self._review()
        if self._bench.document.kind == "letter":
            self._languages.draw()

    def _line(self, name: str) -> None:
        field = LINES[name]
        own = str(self._bench.source.get(name) or "") if self._bench.language else None
        at = Setting(readonly=not self._bench.may_edit, own=own, variables=self._variables.offer)
        made = Text(field, self._value(name), partial(self._said, name), at)
        self._inputs[name] = made
        if name in ("subject", "preheader"):
            made.made.props["data-letter"] = name
            with made.place:
                with ui.element("div").classes("st-meter").props('aria-hidden="true"'):
                    bar = ui.element("i")
                words = ui.label("").classes("sj-form-length")
            self._meters[name] = (bar, words)
            self._measure(name)

    def _review(self) -> None:
        """The day by which somebody has to look at it again: of the letter, whatever language is written."""
        self._day = ui.input("Look at it again by", value=self._due(), on_change=lambda e: self._said_day(e.value))
        self._day.props('outlined dense type="date" stack-label').classes("sj-form-input").props["data-letter"] = (
            "review"
        )
        self._day.set_enabled(self._bench.may_edit)
        ui.label("Past that day the checks, and Health for journeys that run, say so.").classes("sj-form-help")

    def _due(self) -> str:
        return str(self._bench.source.get("review_by") or "")

    def _said_day(self, day: Any) -> None:
        if (day or "") != self._due():
            source = {key: value for key, value in self._bench.source.items() if key != "review_by"}
            source |= {"review_by": day} if day else {}
            self._bench.change("Change the day to look at it again", source, "review", by=self)

    def _measure(self, name: str) -> None:
        most = SUBJECT if name == "subject" else PREHEADER
        length = len(VARIABLE.sub(_stand_in, str(self._inputs[name].value or "")))
        bar, words = self._meters[name]
        bar.style(f"width: {min(100, 100 * length // most)}%")
        long = length > most
        for each in (bar, words):
            each.classes("is-long") if long else each.classes(remove="is-long")
        words.text = f"{length} of about {most} characters that a phone shows" if length else "Nothing written yet"

    def _value(self, name: str) -> str:
        language = self._bench.language
        into = (self._bench.source.get("languages") or {}).get(language) or {} if language else self._bench.source
        return str(into.get(name) or "")

    def _said(self, name: str, value: Any) -> None:
        language = self._bench.language
        source = blocks.with_field(self._bench.source, name, str(value or ""), language)
        self._bench.change(f"Change the {name}", source, f"{name}.{language}", by=self)
        if name in self._meters:
            self._measure(name)

    def _follow(self, by: object) -> None:
        if by is not self:
            if self._bench.document.kind == "letter" and self._day.value != self._due():
                self._day.value = self._due()
            for name, made in self._inputs.items():
                made.show(self._value(name))
                if name in self._meters:
                    self._measure(name)
        if self._bench.document.kind == "letter":
            self._languages.draw()
            self._counted.follow(by)


def _stand_in(found: re.Match[str]) -> str:
    """What a variable takes in a line: its fallback, or a name of usual length."""
    return found[1] or NAME
