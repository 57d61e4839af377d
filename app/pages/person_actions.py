"""What a person may ask of us, as buttons on their page: what we keep about them, and to be erased."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from nicegui import ui

from ...runtime.governance import privacy
from ...runtime.governance.person_file import person_file
from ..auth import may, permitted
from ..frame import button, here, sure, visitor
from ..plain import document


@permitted("edit")
async def take_file(contact_id: int) -> None:
    """Everything kept about a contact: a page for the person, and the same for programs."""
    _, known = await visitor()
    now_ms = here().clock.now_ms()
    made = await here().db.aread(lambda tx: person_file(tx, contact_id, now_ms))
    page = document("person_file.html", file=made, brand=known.brand_name)
    ui.download.content(page, f"contact-{contact_id}.html", "text/html")
    ui.download.content(json.dumps(made, ensure_ascii=False, indent=2), f"contact-{contact_id}.json")


def person_actions(contact_id: int, title: str, who: Any) -> None:
    """The buttons, for those who may press them."""

    @permitted("erase")
    async def erase() -> None:
        asker, _ = await visitor()
        consequence = (
            "Their journeys end, waiting messages are not sent, and everything that names them goes, for good. "
            "Other records with the same e-mail address go too. "
            "Counts stay. A keyed digest keeps lists from bringing them back."
        )
        if not await sure(f"Erase {title}?", consequence, "Erase for good", kind="danger"):
            return
        at = here()
        try:
            done = await asyncio.to_thread(privacy.erase, at.db, at.home, contact_id, asker.email, at.clock.now_ms())
        except privacy.NobodyToErase as problem:
            ui.notify(str(problem).replace("`", ""), type="negative")
            return
        at.runtime.nudge()
        ui.notify(done.words, type="positive", multi_line=True)
        ui.navigate.to("/contacts")

    if may(who, "edit"):
        button("Export what we keep", lambda: take_file(contact_id), "download")
    if may(who, "erase"):
        button("Erase", erase, "person_remove", kind="danger")
