"""History: every version with who, when and why; two of them compared in words and on the canvas; one restored."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from nicegui import ui

from ....runtime.governance.difference import Difference, difference
from ....storage import journeys, users
from ....storage.columns import to_ms
from ....storage.database import Tx
from ....storage.journeys import Version
from ...auth import permitted
from ...frame import button, chip, empty, headline, moment, stylesheet, sure, visitor
from ..compared import ComparedCanvas, difference_list, overlay
from ..desk import Desk, Panel
from ..document import Document

DRAFT = 0  # the number the draft has in the choice of what to compare
AGAIN_S = 4.0


class HistoryPanel:
    """The list above, what was compared below."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._versions: list[Version] = []
        self._live: int | None = None
        self._marked = False
        stylesheet("review.css")
        with ui.element("div").classes("sj-history").props('data-mark="history"'):
            with ui.element("div").classes("sj-compare-choice"):
                self._from = ui.select({}, label="From").props('outlined dense data-mark="compare-from"')
                self._to = ui.select({}, label="To").props('outlined dense data-mark="compare-to"')
            with ui.element("div").classes("sj-row"):
                compare = button("Compare", self._compare, "difference")
                compare.props["data-mark"] = "compare"
                self._clear = button("Clear the marks", self._forget)
                self._clear.set_visibility(False)
            self._result = ui.element("div").classes("sj-stack").props('aria-live="polite"')
            self._list = ui.element("div").classes("sj-versions").props('role="list"')
        desk.on_change(lambda _: self._forget())
        ui.timer(AGAIN_S, self._look)

    @permitted("see")
    async def _look(self) -> None:
        found = await self._desk.instance.db.aread(self._read)
        if found is None:
            return
        live, known = found
        if live == self._live and len(known) == len(self._versions) and self._list.default_slot.children:
            return
        self._live, self._versions = live, known
        numbers = {version.number: f"Version {version.number}" for version in known}
        options = {DRAFT: "The draft"} | numbers
        self._from.set_options(options, value=known[0].number if known else DRAFT)
        self._to.set_options(options, value=DRAFT)
        self._list.clear()
        with self._list:
            if not known:
                empty("history", "Not published yet", "Each time it is published, a version is kept here.")
            for version in known:
                self._line(version)

    def _read(self, tx: Tx) -> tuple[int | None, list[Version]] | None:
        journey = journeys.journey_named(tx, self._desk.room.name)
        return None if journey is None else (journey.live_version, journeys.versions(tx, journey.id or 0))

    def _line(self, version: Version) -> None:
        with ui.element("div").classes("sj-version").props('role="listitem"') as line:
            line.props["data-version"] = version.number
            with ui.element("div").classes("sj-row"):
                ui.label(f"Version {version.number}").classes("sj-strong")
                if version.id == self._live:
                    chip("live", "good")
                ui.element("div").classes("sj-grow")
                moment(to_ms(version.created_at))
            if version.note:
                ui.label(version.note).classes("sj-break")
            approver = "" if version.approved_by in (None, version.author) else f", approved by {version.approved_by}"
            ui.label(f"by {version.author}{approver}").classes("sj-soft sj-break")
            with ui.element("div").classes("sj-row"):
                ui.label(version.content_hash[:12]).classes("sj-mono sj-soft").tooltip(version.content_hash)
                ui.element("div").classes("sj-grow")
                button("Difference", partial(self._against_draft, version.number)).props("dense")
                if self._desk.may_edit:
                    button("Restore", partial(self._restore, version)).props("dense")

    async def _against_draft(self, number: int) -> None:
        self._from.value, self._to.value = number, DRAFT
        await self._compare()

    @permitted("see")
    async def _compare(self) -> None:
        before, after = self._content(self._from.value), self._content(self._to.value)
        found = await asyncio.to_thread(difference, before, after)
        self._result.clear()
        with self._result:
            ui.label(found.summary).classes("sj-strong")
            if self._to.value != DRAFT:
                button("See it drawn", partial(self._drawn, found), "visibility").props('data-mark="compare-drawn"')
            difference_list(found, self._desk.focus if self._to.value == DRAFT else None)
        self._clear.set_visibility(True)
        if self._to.value == DRAFT:
            self._mark(found)
        elif self._marked:
            self._marked = False
            self._desk.overlay(None)

    def _drawn(self, found: Difference) -> None:
        """Two versions of which neither is the draft have a canvas of their own."""
        before, after = self._from.value, self._to.value
        with ui.dialog(value=True).props("transition-duration=0") as dialog:
            dialog.on("hide", dialog.delete)
            with ui.element("div").classes("sj-dialog is-compared").props('data-mark="compared-versions"'):
                headline(dialog, f"From version {before} to version {after}")
                place = ui.element("div")
                with ui.element("div").classes("sj-dialog-actions"):
                    button("Close", dialog.close)

        def draw() -> None:
            with place:
                ComparedCanvas(f"versions-{before}-{after}", found)

        dialog.on("show", draw, args=[])  # what is drawn while the window still grows has its wires in wrong places

    def _mark(self, found: Difference) -> None:
        """Over the draft, which is the newer of the two."""
        document = Document.read(self._desk.room.content)
        self._marked = True
        self._desk.overlay(overlay(found, document))

    def _content(self, number: Any) -> dict[str, Any]:
        version = next((version for version in self._versions if version.number == number), None)
        return dict(version.content) if version else dict(self._desk.room.content)

    def _forget(self) -> None:
        if self._marked:
            self._marked = False
            self._desk.overlay(None)
        self._clear.set_visibility(False)
        self._result.clear()

    @permitted("edit")
    async def _restore(self, version: Version) -> None:
        agreed = await sure(
            f"Restore version {version.number}?",
            "It becomes the draft; Undo brings back what is drawn now. Nothing runs before it is published.",
            "Restore",
        )
        if not agreed:
            return
        ack = self._desk.room.replace(self._desk.viewer, version.content, f"Restore version {version.number}")
        if not ack.ok:
            ui.notify(ack.error, type="warning")
            return
        who, _ = await visitor()
        name, now_ms = self._desk.room.name, self._desk.instance.clock.now_ms()
        details = {"version": version.number}
        await self._desk.instance.db.awrite(
            lambda tx: users.note(tx, who.email, "journey.restore", name, now_ms, details)
        )
        ui.notify(f"Version {version.number} is the draft now.")


def build(desk: Desk) -> None:
    """Draw the panel."""
    HistoryPanel(desk)


PANEL = Panel("history", "History", "history", 40, build)
