"""Templates or shared blocks as they stand in the library: a search, what was put away, and their cards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ...runtime.templates.shared import Use, uses
from ...storage import templates
from ...storage.database import Tx
from ...storage.templates import Template
from ..auth import permitted
from ..frame import here
from .template_cards import card


class Shelf:
    """Draw it with `show`, once `look` has been waited for. ``nothing`` says what to do where nothing is shown."""

    def __init__(self, kind: str, may_edit: bool, nothing: Callable[[bool, bool], None]) -> None:
        self._kind, self._may_edit, self._nothing = kind, may_edit, nothing
        self._words, self._away = "", False
        self._found: list[Template] = []
        self._uses: dict[str, list[Use]] = {}

    async def look(self) -> None:
        """Read what there is."""

        def read(tx: Tx) -> tuple[list[Template], dict[str, list[Use]]]:
            return templates.templates(tx, self._kind, archived=self._away), uses(tx)

        self._found, self._uses = await here().db.aread(read)

    async def again(self) -> None:
        """Something has changed."""
        await self.look()
        self._cards.refresh()

    def show(self, placeholder: str) -> None:
        """The tools, and the cards below them."""
        with ui.element("div").classes("tp-tools"):
            search = ui.input(placeholder=placeholder, on_change=self._search).classes("sj-search")
            search.props('outlined dense clearable debounce="200"').props["aria-label"] = placeholder
            ui.checkbox("Put away", on_change=self._turn)
        self._cards()

    @permitted("see")
    async def _search(self, event: Any) -> None:
        self._words = str(event.value or "").lower()
        self._cards.refresh()

    @permitted("see")
    async def _turn(self, event: Any) -> None:
        self._away = bool(event.value)
        await self.again()

    @ui.refreshable_method
    def _cards(self) -> None:
        shown = [each for each in self._found if _fits(each, self._words)]
        with ui.element("div").classes("tp-grid" + (" is-blocks" if self._kind == "block" else "")):
            for each in shown:
                card(each, self._uses.get(each.name, []), self._may_edit, self.again)
        if not shown:
            self._nothing(bool(self._found), self._away)


def _fits(template: Template, words: str) -> bool:
    text = " ".join((template.name, template.title, str(template.content.get("subject") or ""))).lower()
    return all(word in text for word in words.split())
