"""What was kept of a letter: saved as versions, looked at, and brought back."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui
from nicegui.context import context

from .. import words
from ..auth import permitted
from ..frame import button, chip, empty, sure
from .bench import Bench
from .document import Kept


class VersionsPanel:
    """Read when it is looked at."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.place = ui.element("div").classes("st-form").props('data-mark="versions"')

    async def look(self) -> None:
        """Read the versions anew."""
        found = await self._bench.document.kept()
        if self.place.is_deleted:
            return
        self.place.clear()
        with self.place:
            if self._bench.document.keeps_versions:
                self._tools()
            if not found:
                empty("history", "No version yet", *self._says())
                return
            with ui.element("div").classes("st-versions"):
                for n, each in enumerate(found):
                    self._row(each, newest=n == 0)

    def _says(self) -> tuple[str, ...]:
        if self._bench.document.keeps_versions:
            return ("What you write is kept by itself. A version is what journeys copy, and a place to come back to.",)
        return ("The journey keeps the versions of its letters: look into its history.",)

    def _tools(self) -> None:
        if not self._bench.may_edit:
            return
        with ui.element("div").classes("st-keep"):
            self._note = ui.input("What changed (optional)").props('outlined dense maxlength="200"')
            self._note.classes("sj-form-input").on("keydown.enter", self._keep)
            button("Save version", self._keep, kind="main").props('data-mark="save-version"')

    def _row(self, each: Kept, newest: bool) -> None:
        with ui.element("div").classes("st-version"):
            with ui.element("div").classes("st-version-words"):
                with ui.element("div").classes("sj-row"):
                    ui.label(f"Version {each.number}").classes("sj-strong")
                    if newest:
                        chip("Newest", "good")
                if each.note:
                    ui.label(each.note).classes("sj-break")
                now = self._bench.instance.clock.now_ms()
                when = ui.label(f"{words.ago(each.at_ms, now)} by {each.author}").classes("sj-form-note")
                when.props["title"] = words.moment(each.at_ms, context.client.storage["zone"])
            if self._bench.may_edit:
                made = ui.button("Restore", on_click=partial(self._restore, each.number), color=None)
                made.props("flat dense no-caps").classes("sj-form-tool")
                made.props["aria-label"] = f"Restore version {each.number}"

    @permitted("edit")
    async def _keep(self, _clicked: Any = None) -> None:
        await self._bench.flush()
        refused = await self._bench.document.keep_version(str(self._note.value or ""))
        ui.notify(refused or "A version was saved.", type="warning" if refused else "positive")
        await self.look()

    async def _restore(self, number: int, _clicked: Any = None) -> None:
        source = await self._bench.document.version(number)
        if source is None:
            ui.notify("This version is gone.", type="warning")
        elif await sure(f"Bring back version {number}?", "What is there now is one undo away.", "Bring it back"):
            self._bench.picked = ""
            self._bench.change(f"Restore version {number}", dict(source))
            ui.notify(f"This is version {number} again.", type="positive")
