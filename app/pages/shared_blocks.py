"""Blocks that several letters share: changed in one place, with where they are used."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from ...runtime.content.block_types import block_types, new_block
from ...runtime.templates import library
from ..auth import may, permitted
from ..frame import button, empty, headline, here, opened, stylesheet, visitor
from .template_shelf import Shelf


@ui.page("/shared-blocks", title="Shared blocks · Sojourn", response_timeout=15)
@permitted("see")
async def shared_blocks() -> None:
    """Every shared block as a card."""
    who, known = await visitor()
    lead = "Change a block here and every template that holds it changes along. Journeys keep what was approved."
    shelf = Shelf("block", may(who, "edit"), _nothing)
    await shelf.look()
    with opened("Shared blocks", who, known, "Shared blocks", lead) as actions:
        for sheet in ("forms.css", "templates.css"):
            stylesheet(sheet)
        if may(who, "edit"):
            with actions:
                button("New shared block", _new, "add", kind="main")
        shelf.show("Search shared blocks")


def _nothing(any_at_all: bool, away: bool) -> None:
    if away:
        empty("archive", "Nothing was put away", "What you put away is no longer offered, and can be taken out again.")
        return
    empty(
        "view_agenda",
        "No shared block" + (" matches" if any_at_all else " yet"),
        "A footer, a line on delivery, an offer of the week: what stands in many letters.",
        "Make one here, or share a block of a letter in the studio.",
    )


def _new() -> None:
    """Ask which kind of block it is, and what it is called."""
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "New shared block")
        title = ui.input("Title").props('outlined dense autofocus maxlength="200"').classes("sj-form-input")
        kinds = {kind: each.label for kind, each in block_types().items()}
        kind = ui.select(kinds, value=next(iter(kinds)), label="What it is").props("outlined dense options-dense")
        kind.classes("sj-form-input")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Make it", lambda: _make(str(kind.value), str(title.value or "")), kind="main")


@permitted("edit")
async def _make(kind: str, title: str) -> None:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    block = new_block(kind)
    content = {"kind": kind, "settings": block["settings"]}
    title = title.strip() or block_types()[kind].label
    make = partial(library.create, title=title, source=content, actor=who.email, now_ms=now_ms, kind="block")
    made = await here().db.awrite(lambda tx: make(tx).name)
    ui.navigate.to(f"/templates/{made}")
