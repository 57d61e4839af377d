"""What a careful colleague would say of the letter: by severity, each with what to do, and a way to its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from nicegui import background_tasks, ui
from nicegui.context import context

from ...runtime.content.checking import Finding
from ...runtime.content.checking.named import ask_links, look_over
from ...runtime.content.checking.of_journey import Looked
from ...runtime.content.checking.surroundings import answered
from ...runtime.numbers import counted
from ...storage import journeys
from ...storage.database import Tx
from ..auth import permitted
from ..frame import stylesheet
from .languages import named

if TYPE_CHECKING:
    from ..instance import Instance

SHORTLY_S = 0.8
GROUPS = (
    ("error", "Keeps it back", "error", "is-bad"),
    ("warning", "Worth a look", "warning_amber", "is-warn"),
    ("hint", "Could be better", "lightbulb", "sj-soft"),
)


class Checked(Protocol):
    """What is needed of the studio."""

    instance: Instance

    @property
    def source(self) -> Mapping[str, Any]: ...
    @property
    def marketing(self) -> bool: ...
    @property
    def journey(self) -> str: ...


class ChecksPanel:
    """Drawn where it is made. ``go(block, line)`` shows a place, ``told(errors, warnings)`` hears how many."""

    def __init__(
        self, studio: Checked, go: Callable[[str, int], Any], told: Callable[[int, int], Any] | None = None
    ) -> None:
        stylesheet("checks.css")
        self._studio, self._go, self._told = studio, go, told
        self._client = context.client
        self._waiting: asyncio.Task[None] | None = None
        self._looked: Looked | None = None
        with ui.element("div").classes("sj-checks").props('data-mark="checks-panel"'):
            with ui.element("div").classes("sj-checks-head"):
                self._sum = ui.label("Looking …").classes("sj-strong sj-grow").props('role="status"')
                self._ask = ui.button("Check links now", on_click=self._links, icon="link", color=None)
                self._ask.props('flat dense no-caps data-mark="check-links"')
            self._progress = ui.linear_progress(0, show_value=False, size="4px").props('aria-label="Links asked"')
            self._progress.visible = False
            self._list = ui.element("div").classes("sj-stack")
        self.refresh(0)

    def refresh(self, seconds: float = SHORTLY_S) -> None:
        """The letter changed: look again once nothing more is typed."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(
            self._shortly(seconds), name="a letter is checked", context=self._client
        )

    async def _shortly(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._look()

    async def _look(self) -> None:
        studio, source, marketing = self._studio, self._studio.source, self._studio.marketing

        def content(tx: Tx) -> Mapping[str, Any] | None:
            found = journeys.journey_named(tx, studio.journey) if studio.journey else None
            return found.draft if found else None

        around = await studio.instance.db.aread(content)
        self._looked = await asyncio.to_thread(look_over, studio.instance, source, around, marketing, masked=False)
        await self._show()

    async def _show(self) -> None:
        looked = self._looked
        if looked is None or self._list.is_deleted:
            return
        known = await self._studio.instance.db.aread(lambda tx: answered(tx, looked.addresses))
        found = looked.with_answers(known)
        counts = {severity: sum(one.severity == severity for one in found) for severity, *_ in GROUPS}
        said = [counted(count, name) for name, count in counts.items() if count]
        self._sum.text = ", ".join(said) if said else "Nothing to correct"
        self._ask.visible = bool(looked.addresses)
        self._list.clear()
        with self._list:
            for severity, title, icon, tone in GROUPS:
                self._group(title, icon, tone, [one for one in found if one.severity == severity])
            if not found:
                self._good()
        if self._told is not None:
            self._told(counts["error"], counts["warning"])

    def _group(self, title: str, icon: str, tone: str, found: Sequence[Finding]) -> None:
        if not found:
            return
        with ui.element("section"):
            with ui.element("div").classes("sj-checks-title"):
                ui.icon(icon).classes(tone)
                ui.label(f"{title} · {len(found)}")
            for one in found:
                self._finding(one)

    def _finding(self, one: Finding) -> None:
        leads = bool(one.block or one.line)
        row = ui.element("button" if leads else "div").classes("sj-check")
        row.props["data-code"] = one.code
        if leads:
            row.props('type="button"').on("click", partial(self._go, one.block, one.line), args=[])
        with row:
            with ui.element("div").classes("sj-check-words"):
                language = f"{named(one.language)}: " if one.language else ""
                ui.label(language + one.sentence).classes("sj-break")
                if one.fix:
                    ui.label(one.fix).classes("sj-soft sj-break")
            if leads:
                ui.label("Show" if one.block else f"Line {one.line}").classes("sj-check-go")

    def _good(self) -> None:
        with ui.element("div").classes("sj-checks-good"):
            ui.icon("task_alt").classes("is-good")
            ui.label("Everything that is looked at is as it should be.").classes("sj-soft")

    @permitted("edit")
    async def _links(self) -> None:
        """Ask the pages behind the links; those that differ from reader to reader are left alone."""
        looked = self._looked
        if looked is None:
            return
        self._ask.disable()
        self._progress.value, self._progress.visible = 0, True

        def told(done: int, of: int) -> None:
            self._progress.value = done / max(1, of)

        try:
            await ask_links(self._studio.instance, looked, told, anew=True)
        finally:
            self._progress.visible = False
            self._ask.enable()
        await self._show()
        ui.notify(f"{counted(len(looked.addresses), 'link')} asked.", type="positive")
