"""Through whose eyes the letter is seen: who reads it, in which language, on what, in which light, with pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from ..canvas.onlooker import Onlooker
from .bench import Bench
from .languages import named, own

MODES = {"design": ("Letter", "web"), "text": ("Text", "notes"), "source": ("MJML", "code")}


class Sight:
    """A bar of switches. ``changed()`` is called when another picture is wanted, ``shaped()`` when only its frame."""

    def __init__(self, bench: Bench, changed: Callable[[], None], shaped: Callable[[], None], write_in: Any) -> None:
        self._bench, self._changed, self._shaped, self._write_in = bench, changed, shaped, write_in
        self.mode, self.phone, self.dark, self.images = "design", False, False, True
        self._spoken: Any = None
        with ui.element("div").classes("st-bar").props('role="toolbar" aria-label="How the letter is shown"'):
            with ui.element("div").classes("sj-proof-tabs").props('role="group" aria-label="What is shown"'):
                self._modes = {key: self._tab(key, words, icon) for key, (words, icon) in MODES.items()}
            with ui.element("div").classes("sj-proof-tabs").props('role="group" aria-label="Width"'):
                self._wide = self._icon("desktop_windows", "Desktop", partial(self._width, False))
                self._narrow = self._icon("smartphone", "Phone", partial(self._width, True))
            self._night = self._icon("dark_mode", "Dark mode", self._turn_dark, lone=True)
            self._blank = self._icon("hide_image", "Without pictures", self._turn_images, lone=True)
            ui.element("div").classes("sj-grow")
            self._speak = ui.element("div").classes("st-speak")
            with ui.element("div").classes("st-who"):
                self._who = Onlooker(bench, changed)
        bench.watch("letter", lambda by: self.speak())
        self._marks()
        self.speak()

    @property
    def contact(self) -> int | None:
        """Who reads it; None is the newest contact."""
        return self._who.contact

    async def say_who(self) -> None:
        """Name the newest, where nobody was chosen."""
        await self._who.say_who()

    def show(self, mode: str, _clicked: object = None) -> None:
        """The letter, its text part, or its source."""
        if mode != self.mode:
            self.mode = mode
            self._marks()
            self._shaped()

    def speak(self) -> None:
        """Which languages there are."""
        others = sorted(self._bench.source.get("languages") or {})
        codes = {"": own(self._bench.source), **{code: code for code in others}}
        wanted = (tuple(codes.items()), self._bench.language)
        if self._spoken == wanted:
            return
        self._spoken = wanted
        self._speak.clear()
        self._speak.visible = len(codes) > 1
        with self._speak:
            made = ui.select(
                {code: named(said) for code, said in codes.items()},
                value=self._bench.language,
                on_change=lambda e: self._write_in(e.value or ""),
            )
            made.props('outlined dense options-dense aria-label="Language"').classes("sj-form-input")
            made.props["data-mark"] = "language"

    def _tab(self, mode: str, words: str, icon: str) -> ui.button:
        made = ui.button(words, icon=icon, on_click=partial(self.show, mode), color=None).props("flat dense no-caps")
        made.props["data-mark"] = f"mode-{mode}"
        return made

    def _icon(self, icon: str, words: str, act: Any, lone: bool = False) -> ui.button:
        made = ui.button(icon=icon, on_click=act, color=None).props("flat dense")
        made.props["aria-label"] = made.props["title"] = words
        return made.classes("st-lone") if lone else made

    def _width(self, phone: bool, _clicked: object = None) -> None:
        self.phone = phone
        self._marks()
        self._shaped()

    def _turn_dark(self) -> None:
        self.dark = not self.dark
        self._marks()
        self._changed()

    def _turn_images(self) -> None:
        self.images = not self.images
        self._marks()
        self._changed()

    def _marks(self) -> None:
        pressed = [(made, key == self.mode) for key, made in self._modes.items()]
        pressed += [(self._wide, not self.phone), (self._narrow, self.phone), (self._night, self.dark)]
        for made, on in [*pressed, (self._blank, not self.images)]:
            made.classes("is-on") if on else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if on else "false"
