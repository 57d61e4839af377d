"""Letters of a journey that come from templates: chosen from the library, and brought up to a newer version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.templates import copying, starting
from ...runtime.templates.library import NoSuchTemplate
from ...storage import templates
from ...storage.database import Tx
from ..auth import permitted
from ..frame import button, headline, sure
from ..pages.template_pictures import picture, start_picture
from .desk import Desk
from .form.thumbnail import thumbnail

Taken = Callable[[str, dict[str, Any]], Awaitable[object]]
Copy = Callable[[Tx, str], dict[str, Any]]


@permitted("edit")
async def pick(desk: Desk, taken: Taken) -> None:
    """A dialog with the templates, and below them the letters to start from that come with Sojourn.

    ``taken`` gets the name of the one chosen, and the letter made from it.
    """
    found = await desk.instance.db.aread(templates.templates)
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog sj-pick"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "From a template")

        def take(copy: Copy, name: str) -> Callable[[], Awaitable[None]]:
            return partial(_take, desk, dialog, taken, copy, name)

        with _shelf("Your templates"):
            for each in found:
                words = f"Version {each.version}" if each.version else "Draft"
                address = picture(each.name, each.content_hash)
                card = _card(address, each.title, words, take(copying.copy_of, each.name))
                card.props["data-template"] = each.name
        if not found:
            ui.label("None yet. What you keep under Templates stands here.").classes("sj-form-note")
        with _shelf("To start from"):
            for start in starting.starts():
                card = _card(start_picture(start.name), start.title, start.about, take(copying.start_of, start.name))
                card.props["data-start"] = start.name
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)


def _shelf(title: str) -> ui.element:
    ui.label(title).classes("sj-form-label").props('role="heading" aria-level="3"')
    return ui.element("div").classes("sj-form-letters is-list")


def _card(address: str, title: str, about: str, chosen: Callable[[], Awaitable[None]]) -> ui.element:
    card = ui.element("button").classes("sj-form-letter").props('type="button"')
    with card.on("click", lambda: chosen(), args=[]):
        thumbnail(address)
        with ui.element("div").classes("sj-form-letter-words"):
            ui.label(title).classes("sj-strong sj-clip")
            ui.label(about).classes("sj-form-note")
    return card


@permitted("edit")
async def _take(desk: Desk, dialog: ui.dialog, taken: Taken, copy: Copy, name: str) -> None:
    try:
        source = await desk.instance.db.aread(lambda tx: copy(tx, name))
    except NoSuchTemplate as problem:
        ui.notify(str(problem), type="warning")
        return
    dialog.close()
    await taken(name, source)


async def newer(desk: Desk, letters: Mapping[str, Any]) -> dict[str, int]:
    """The letters whose template has a newer version, or a newer shared block in it, each with that version."""
    from_templates = {name: each for name, each in letters.items() if isinstance(each, Mapping) and "template" in each}
    if not from_templates:
        return {}

    def look(tx: Tx) -> dict[str, int]:
        found = {name: copying.newer(tx, letter) for name, letter in from_templates.items()}
        return {name: version for name, version in found.items() if version is not None}

    return await desk.instance.db.aread(look)


@permitted("edit")
async def update(desk: Desk, name: str, letter: Mapping[str, Any]) -> None:
    """The letter as its template is now, in one step that can be undone; a letter changed by hand is asked about."""

    def read(tx: Tx) -> tuple[dict[str, Any], bool]:
        return copying.updated(tx, letter), copying.changed_here(tx, letter)

    try:
        fresh, changed = await desk.instance.db.aread(read)
    except NoSuchTemplate as problem:
        ui.notify(str(problem), type="warning")
        return
    if changed and not await sure(
        f"Update {name}?", "It was changed in this journey; that would be gone. Undo brings it back.", "Update"
    ):
        return
    answer = desk.submit({"op": "journey", "letters": {name: fresh}})
    if not answer.ok:
        ui.notify(answer.error or "", type="warning")
    else:
        ui.notify(f"{name} is as its template is now.", type="positive")
