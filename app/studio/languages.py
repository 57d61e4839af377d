"""The languages of a letter: which there are, what each still lacks, and which one is written in."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.content.languages import missing
from ..frame import sure
from .bench import Bench
from .show_lines import LANGUAGES

CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def own(source: Any) -> str:
    """The language the letter itself is written in."""
    return str(source.get("language") or "en")


def named(code: str) -> str:
    """A language by its name, with its region where it has one, else by its code."""
    language, _, region = code.partition("-")
    name = LANGUAGES.get(language.lower())
    return (f"{name} ({region})" if region else name) if name else code


class Languages:
    """A list in the letter's form; ``write_in`` turns the whole studio to another language."""

    def __init__(self, bench: Bench, write_in: Callable[[str], None]) -> None:
        self._bench, self._write_in = bench, write_in
        self._shown: Any = None
        with ui.element("section").classes("sj-form-part").props('aria-label="Languages"'):
            ui.label("Languages").classes("sj-form-label")
            self._list = ui.element("div").classes("st-languages").props('data-mark="languages"')
            ui.label("Everybody gets their own; who reads none of these gets the first one.").classes("sj-form-help")

    def draw(self) -> None:
        """Show the languages and what they lack."""
        source = self._bench.source
        lacks = {code: len(each) for code, each in missing(source).items()}
        wanted = (own(source), lacks, self._bench.language)
        if wanted == self._shown:
            return
        self._shown = wanted
        self._list.clear()
        with self._list:
            self._row("", own(source), None)
            for code, count in sorted(lacks.items()):
                self._row(code, code, count)
            if self._bench.may_edit:
                self._adder({own(source), *lacks})

    def _row(self, code: str, said: str, lacks: int | None) -> None:
        with ui.element("div").classes("st-language") as row:
            on = code == self._bench.language
            row.classes("is-on" if on else "")
            made = ui.element("button").classes("st-language-name").props('type="button"')
            made.props["aria-pressed"] = "true" if on else "false"
            made.props["data-language"] = said
            with made.on("click", partial(self._write_in, code), args=[]):
                ui.label(named(said)).classes("sj-strong sj-clip")
                ui.label("The letter itself" if lacks is None else f"{lacks} missing" if lacks else "Complete").classes(
                    "sj-chip" + (" is-warn" if lacks else " is-good" if lacks == 0 else "")
                )
            if lacks is not None and self._bench.may_edit:
                away = ui.button(icon="delete", on_click=partial(self._remove, code), color=None)
                away.props("flat dense round").classes("st-mini").props["aria-label"] = f"Remove {named(said)}"

    def _adder(self, there: set[str]) -> None:
        rest = {code: name for code, name in LANGUAGES.items() if code not in there}
        made = ui.select(
            rest, label="Add a language", with_input=True, new_value_mode="add-unique", on_change=self._add
        )
        made.props("outlined dense options-dense").classes("sj-form-input").props["data-mark"] = "add-language"

    def _add(self, event: Any) -> None:
        said = str(event.value or "").strip()
        if not said:
            return
        begun = [code for code, name in LANGUAGES.items() if name.lower().startswith(said.lower())]
        code = begun[0] if begun and said not in LANGUAGES else said
        if not CODE.fullmatch(code):
            ui.notify("A language is written as cs or pt-BR.", type="warning")
            return
        source = deepcopy(self._bench.source)
        source.setdefault("languages", {}).setdefault(code, {})
        self._bench.change(f"Add {named(code)}", source)
        self._write_in(code)

    async def _remove(self, code: str, _clicked: object = None) -> None:
        consequence = "What was written in it goes. Undo brings it back."
        if await sure(f"Remove {named(code)}?", consequence, "Remove", "danger"):
            source = deepcopy(self._bench.source)
            source.get("languages", {}).pop(code, None)
            if self._bench.language == code:
                self._write_in("")
            self._bench.change(f"Remove {named(code)}", source)
