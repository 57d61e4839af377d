"""The library of letters: those of the house, and those to start from."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from ...runtime.templates import starting
from ...runtime.templates.starting import Start
from ..auth import Who, may, permitted
from ..frame import button, empty, here, opened, stylesheet, visitor
from .template_cards import frame
from .template_import import import_dialog
from .template_pictures import start_picture
from .template_shelf import Shelf


@ui.page("/templates", title="Templates · Sojourn", response_timeout=15)
@permitted("see")
async def templates() -> None:
    """Every letter as a card, with a search, and the ways to begin one."""
    who, known = await visitor()
    lead = "Letters to start from. A journey takes a copy, so what was approved stays as it is."
    shelf = Shelf("letter", may(who, "edit"), _nothing)
    await shelf.look()
    with opened("Templates", who, known, "Templates", lead) as actions:
        for sheet in ("forms.css", "templates.css"):
            stylesheet(sheet)
        if may(who, "edit"):
            with actions:
                button("Import", partial(import_dialog, shelf.again), "upload_file")
                button("New letter", partial(begin, ""), "add", kind="main")
        shelf.show("Search templates")
        _starts(who)


@permitted("edit")
async def begin(name: str) -> None:
    """A letter made from one to start from, opened in the studio."""
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    made = await here().db.awrite(lambda tx: starting.begin(tx, name, who.email, now_ms).name)
    ui.navigate.to(f"/templates/{made}")


def _nothing(any_at_all: bool, away: bool) -> None:
    if any_at_all:
        empty("search_off", "No template matches", "Try fewer words.")
    elif away:
        empty("archive", "Nothing was put away", "What you put away is no longer offered, and can be taken out again.")
    else:
        empty("dashboard_customize", "No template yet", "Take one of the letters below, or import what you have.")


def _starts(who: Who) -> None:
    found = starting.starts()
    with ui.element("section").classes("tp-starts"):
        ui.label("To start from").classes("sj-group-title").props('role="heading" aria-level="2"')
        ui.label("Complete letters in your colours. Change whatever you like.").classes("sj-soft")
        with ui.element("div").classes("tp-grid"):
            for each in found:
                _start(each, who)


def _start(each: Start, who: Who) -> None:
    with ui.element("article").classes("tp-card").props(f"data-start={each.name}"):
        with ui.element("div").classes("tp-picture").props('aria-hidden="true"'):
            frame(start_picture(each.name))
        with ui.element("div").classes("tp-words"):
            ui.label(each.title).classes("tp-title")
            ui.label(each.about).classes("sj-soft")
            if may(who, "edit"):
                with ui.element("div").classes("tp-actions"):
                    button("Use this", partial(begin, each.name))
