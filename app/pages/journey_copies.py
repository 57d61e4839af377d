"""Taking a journey elsewhere: as a copy beside it, or as a file."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from ...runtime import drafts, journey_file
from ...runtime.governance.versions import NoSuchJourney
from ...storage import journeys
from ...storage.database import Tx
from ..auth import Who, may, permitted
from ..frame import button, here
from .gallery import begin


def file_buttons(name: str, who: Who) -> None:
    """Duplicate and Export, for the head of a journey's page."""

    @permitted("edit")
    async def duplicate() -> None:
        await begin(partial(_copy, name))

    @permitted("see")
    async def export() -> None:
        journey = await here().db.aread(lambda tx: journeys.journey_named(tx, name))
        if journey is None:
            ui.notify(str(NoSuchJourney(name)), type="warning")
            return
        ui.download.content(journey_file.write(journey.draft), f"{name}.yaml", "text/yaml")

    if may(who, "edit"):
        button("Duplicate", duplicate, "content_copy")
    button("Export", export, "download")


def _copy(name: str, tx: Tx, actor: str, now_ms: int) -> str:
    return drafts.duplicate(tx, name, actor, now_ms)
