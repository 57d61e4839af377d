"""Two people wrote in one letter at the same time: which text stays is asked, and the other is kept as well."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from ..auth import permitted
from ..frame import button, headline
from .bench import Bench


class ConflictDialog:
    """Stands until it is answered or put off; what is typed on asks again."""

    def __init__(self, bench: Bench, root: ui.element) -> None:
        self._bench, self._root = bench, root
        self._dialog: ui.dialog | None = None
        bench.watch("conflict", self._follow)

    def _follow(self, _by: object) -> None:
        if self._bench.document.conflict and self._dialog is None:
            self._open()
        elif not self._bench.document.conflict and self._dialog is not None:
            self._dialog.close()

    def _open(self) -> None:
        with self._root, ui.dialog(value=True) as self._dialog, ui.element("div").classes("sj-dialog"):
            self._dialog.on("hide", self._gone)
            self._dialog.props["data-mark"] = "conflict"
            headline(self._dialog, "Somebody else wrote here too")
            ui.label(self._bench.document.conflict).classes("sj-break")
            ui.label("Nothing is lost: one text stays here, the other becomes a copy beside it.").classes("sj-soft")
            ui.link("See theirs in another window", f"/templates/{self._bench.document.name}", new_tab=True)
            with ui.element("div").classes("sj-dialog-actions"):
                button("Decide later", self._dialog.close)
                button("Keep theirs here", partial(self._settle, True))
                button("Keep mine here", partial(self._settle, False), kind="main")

    def _gone(self) -> None:
        if self._dialog is not None:
            self._dialog.delete()
            self._dialog = None

    @permitted("edit")
    async def _settle(self, theirs: bool) -> None:
        said = await self._bench.settle(theirs)
        ui.notify(said, type="warning" if self._bench.document.conflict else "positive", multi_line=True)
