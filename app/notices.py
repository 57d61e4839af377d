"""What the owner must know wherever they are: the runtime's warnings above the page, each closed by a click."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

log = logging.getLogger("sojourn.face")


class Notices:
    """``read()`` runs off the loop. What was closed stays away from this page for as long as it is said."""

    def __init__(self, read: Callable[[], Sequence[str]], sentence: Callable[[str], Any]) -> None:
        self._read, self._sentence = read, sentence
        self._closed: set[str] = set()
        self._shown: list[str] = []
        self._place = ui.element("div").classes("sj-notices").props('role="status"')
        ui.timer(5, self._look)

    async def _look(self) -> None:
        try:
            found = await asyncio.to_thread(self._read)
        except Exception:
            log.exception("the warnings could not be read")
            found = ["The runtime does not answer. Look at the log of this instance."]
        self._closed &= set(found)
        self._show([text for text in found if text not in self._closed])

    def _show(self, found: list[str]) -> None:
        if found == self._shown:
            return
        self._shown = found
        self._place.clear()
        with self._place:
            for text in found:
                with ui.element("div").classes("sj-notice"):
                    ui.icon("warning_amber")
                    self._sentence(text)
                    away = ui.button(icon="close", on_click=partial(self._close, text), color=None)
                    away.props('flat dense round aria-label="Close this"').classes("sj-notice-away")

    def _close(self, text: str, _clicked: object = None) -> None:
        self._closed.add(text)
        self._show([one for one in self._shown if one != text])
