"""A picture or a page by its address; a picture may be uploaded, and one sees at once whether it is there."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...picture_upload import picture_upload
from .text import Text

SHOWN = ("https://", "http://", "data:image/")


class Url(Text):
    """An address; what can be said of the reader may stand in it."""

    def draw(self, value: Any) -> None:
        super().draw(value)
        self.made.props("placeholder=https://" if not self.at.own else "").props('inputmode="url" spellcheck="false"')


class Image(Url):
    """With the picture beside its address."""

    def draw(self, value: Any) -> None:
        super().draw(value)
        if not self.at.readonly:
            picture_upload(self.field.name, self.field.label, self._uploaded)
        with ui.element("div").classes("st-thumb").props('aria-hidden="true"') as self._frame:
            self._picture = ui.element("img").props('alt="" loading="lazy" referrerpolicy="no-referrer"')
            self._picture.on("error", js_handler="(event) => event.target.parentElement.classList.add('is-broken')")
            self._picture.on("load", js_handler="(event) => event.target.parentElement.classList.remove('is-broken')")
        self._look(str(value or ""))

    def put(self, value: Any) -> None:
        super().put(value)
        self._look(str(value or ""))

    def take(self, value: Any) -> None:
        super().take(value)
        self._look(str(value or ""))

    def _uploaded(self, address: str) -> None:
        self.made.value = address

    def _look(self, address: str) -> None:
        there = address.startswith(SHOWN) and "{" not in address
        self._frame.visible = there
        if there:
            self._picture.props["src"] = address
