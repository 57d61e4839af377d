"""Letters brought in from files: read, what was turned and dropped said, and kept once somebody agrees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import events, ui

from ...runtime.numbers import counted
from ...runtime.templates import importing
from ...runtime.templates.faults import MEND
from ...runtime.templates.importing import LARGEST_UPLOAD, Found, NotImported
from ..auth import permitted
from ..frame import button, chip, headline, here, visitor

TOLD = (
    "MJML, HTML, a template as a YAML file, or a ZIP of those with their pictures. Fields of Mailchimp, Klaviyo, "
    "HubSpot and others become yours."
)
SHOWN = 40  # letters, and sentences of each


@permitted("edit")
async def import_dialog(again: Callable[[], Awaitable[None]]) -> None:
    """The whole way, in one dialog; ``again`` draws the list anew."""
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Import letters")
        ui.label(TOLD).classes("sj-soft")
        place = ui.element("div").classes("sj-stack")

        @permitted("edit")
        async def came(arguments: events.UploadEventArguments) -> None:
            upload.reset()
            found = await read(arguments.file)
            if not dialog.is_deleted:
                place.clear()
                with place:
                    _found(found, dialog, again)

        upload = ui.upload(on_upload=came, auto_upload=True, max_file_size=LARGEST_UPLOAD, label="Choose a file")
        upload.props('accept=".mjml,.html,.htm,.yaml,.yml,.json,.zip" flat')
        upload.on_rejected(lambda: ui.notify("An MJML, HTML, YAML or ZIP file of at most 10 MB.", type="warning"))
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)


async def read(file: Any) -> Found:
    """What an uploaded file holds. The browser's own limit is not trusted."""
    if file.size() > LARGEST_UPLOAD:
        return Found(refused=[(file.name, "The file is larger than 10 MB.")])
    raw = await file.read()
    try:
        if file.name.lower().endswith(".zip"):
            return await asyncio.to_thread(importing.read_zip, raw, here().settings.base_url)
        return Found(await asyncio.to_thread(importing.read_file, file.name, raw))
    except NotImported as problem:
        return Found(refused=[(file.name, str(problem))])


def _found(found: Found, dialog: ui.dialog, again: Callable[[], Awaitable[None]]) -> None:
    for each in found.letters[:SHOWN]:
        with ui.element("div").classes("tp-import"):
            with ui.element("div").classes("sj-row"):
                ui.label(each.title).classes("sj-strong sj-break")
                chip("blocks" if "blocks" in each.source else "shared block" if each.kind == "block" else "source")
                if each.faults:
                    chip("to be mended", "bad")
            for note in each.notes[:SHOWN]:
                ui.label(note).classes("sj-soft sj-break")
            if each.faults:
                ui.label(MEND).classes("sj-break")
            for fault in each.faults[:SHOWN]:
                ui.label(fault).classes("sj-refusal sj-break")
    for file, why in found.refused[:SHOWN]:
        with ui.element("div").classes("tp-import"):
            ui.label(file).classes("sj-strong sj-break")
            ui.label(why).classes("sj-refusal sj-break")
    if not found.letters and not found.refused:
        ui.label("There is no letter in it: no MJML, HTML or YAML file.").classes("sj-refusal")
    if not found.letters:
        return
    if found.pictures:
        ui.label(f"With {counted(len(found.pictures), 'picture')} put at addresses of yours.").classes("sj-soft")

    @permitted("edit")
    async def keep() -> None:
        who, _ = await visitor()
        now_ms = here().clock.now_ms()
        kept = await here().db.awrite(lambda tx: importing.keep_all(tx, found, who.email, now_ms))
        if len(kept) == 1:
            ui.navigate.to(f"/templates/{kept[0][0]}")
            return
        dialog.close()
        await again()
        ui.notify(counted(len(kept), "letter is here now.", "letters are here now."), type="positive")

    with ui.element("div"):
        button(counted(len(found.letters), "letter: keep it", "letters: keep them"), keep, kind="main")
