"""Whether letters share a block: making it shared, taking it off, and where else it is used."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.templates import library, shared
from ...storage.database import Tx
from ..auth import current, permitted
from ..frame import button, headline
from . import blocks
from .bench import Bench


class Sharing:
    """A line at the head of a block's form."""

    def __init__(self, bench: Bench, block: dict[str, Any]) -> None:
        self._bench, self._block = bench, block
        if bench.language or bench.document.kind == "block":
            return
        pin = block.get("shared")
        if pin:
            with ui.element("div").classes("st-note is-shared"):
                ui.icon("link")
                with ui.element("div").classes("st-note-words"):
                    ui.label("Shared by letters. What you change here is this letter's alone.")
                    with ui.element("div").classes("st-note-tools"):
                        ui.link("Open the shared block", f"/templates/{pin['name']}", new_tab=True)
                        if bench.may_edit:
                            made = ui.button("Stop sharing here", on_click=self._part, color=None)
                            made.props("flat dense no-caps").classes("sj-form-tool")
        elif bench.may_edit:
            made = ui.button("Share with other letters", icon="link", on_click=self._ask, color=None)
            made.props("flat dense no-caps").classes("sj-form-tool st-share")

    def _part(self) -> None:
        self._bench.change("Stop sharing", blocks.with_part(self._bench.source, self._block["id"], "shared", None))

    def _ask(self) -> None:
        with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
            dialog.on("hide", dialog.delete)
            headline(dialog, "Share this block with other letters")
            ui.label(
                "It goes to the shared blocks under this name. Change it there once, and every template that uses it "
                "follows; letters of journeys offer the update."
            ).classes("sj-soft")
            field = ui.input("Name").props('outlined dense autofocus maxlength="200"').classes("sj-form-input")
            field.on("keydown.enter", lambda: share())

            @permitted("edit")
            async def share() -> None:
                title = str(field.value or "").strip()
                block = blocks.block(self._bench.source, self._block["id"])
                if not title or block is None:
                    return
                who, now = await current(), self._bench.instance.clock.now_ms()

                def job(tx: Tx) -> dict[str, Any]:
                    return shared.share(tx, title, block, who.email, now)

                try:
                    made = await self._bench.instance.db.awrite(job)
                except library.TemplateProblem as problem:
                    ui.notify(str(problem), type="warning")
                    return
                dialog.close()
                source = blocks.with_part(self._bench.source, block["id"], "shared", made["shared"])
                self._bench.change("Share a block", source)

            with ui.element("div").classes("sj-dialog-actions"):
                button("Cancel", dialog.close)
                button("Share", share, kind="main")
