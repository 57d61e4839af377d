"""The record of processing: read here, printed from here, taken along as a page."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.governance.processing import processing_record
from ..auth import permitted
from ..frame import button, card, here, opened, visitor
from ..plain import document

LEAD = "What the law wants written down (GDPR, Article 30), made from what this instance does at this moment."


@ui.page("/record", title="Record of processing · Sojourn")
@permitted("see")
async def record() -> None:
    """Part by part."""
    who, known = await visitor()
    parts = await here().db.aread(lambda tx: processing_record(tx, dict(here().config)))
    with opened("Record", who, known, "Record of processing", LEAD) as actions:
        with actions:
            button("Download", lambda: take(), "download")

        @permitted("see")
        async def take() -> None:
            made = document("processing_record.html", brand=known.brand_name, parts=parts)
            ui.download.content(made, "record-of-processing.html", "text/html")

        with ui.element("div").classes("sj-stack"):
            for part in parts:
                with card(part.title), ui.element("dl").classes("sj-said-list"):
                    for about, line in part.lines:
                        _line(about, line)


def _line(about: str, line: str) -> Any:
    with ui.element("dt"):
        ui.label(about)
    with ui.element("dd"):
        ui.label(line)
