"""Blocks that several letters share: changed in one place, with where they are used."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.content.block_types import block_types, new_block
from ...runtime.templates import library
from ...runtime.templates.shared import uses
from ...storage import templates as rows
from ..auth import may, permitted
from ..frame import button, empty, headline, here, opened, stylesheet, visitor
from .template_cards import card
from .templates import fits, tools


@ui.page("/shared-blocks", title="Shared blocks · Sojourn", response_timeout=15)
@permitted("see")
async def shared_blocks() -> None:
    """Every shared block as a card."""
    who, known = await visitor()
    lead = "Change a block here and every template that holds it changes along. Journeys keep what was approved."
    state: dict[str, Any] = {"words": "", "away": False}
    with opened("Shared blocks", who, known, "Shared blocks", lead) as actions:
        for sheet in ("forms.css", "templates.css"):
            stylesheet(sheet)

        @ui.refreshable
        async def listing() -> None:
            found, used = await here().db.aread(lambda tx: (rows.templates(tx, "block", state["away"]), uses(tx)))
            shown = [each for each in found if fits(each, state["words"])]
            with ui.element("div").classes("tp-grid is-blocks"):
                for each in shown:
                    card(each, used.get(each.name, []), may(who, "edit"), listing.refresh)
            if not shown:
                empty(
                    "view_agenda",
                    "No shared block" + (" matches" if found else " yet"),
                    "A footer, a line on delivery, an offer of the week: what stands in many letters.",
                    "Make one here, or share a block of a letter in the studio.",
                )

        if may(who, "edit"):
            with actions:
                button("New shared block", _new, "add", kind="main")
        tools(state, listing.refresh, "Search shared blocks")
        await listing()


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
