"""The library of letters: those of the house, and those to start from."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.templates import starting
from ...runtime.templates.shared import Use, uses
from ...runtime.templates.starting import Start
from ...storage import templates as rows
from ...storage.database import Tx
from ...storage.templates import Template
from ..auth import Who, may, permitted
from ..frame import button, empty, here, opened, stylesheet, visitor
from .template_cards import card, frame
from .template_import import import_dialog
from .template_pictures import start_picture


@ui.page("/templates", title="Templates · Sojourn", response_timeout=15)
@permitted("see")
async def templates() -> None:
    """Every letter as a card, with a search, and the ways to begin one."""
    who, known = await visitor()
    lead = "Letters to start from. A journey takes a copy, so what was approved stays as it is."
    state: dict[str, Any] = {"words": "", "away": False}
    with opened("Templates", who, known, "Templates", lead) as actions:
        for sheet in ("forms.css", "templates.css"):
            stylesheet(sheet)

        @ui.refreshable
        async def listing() -> None:
            found, used = await here().db.aread(partial(_read, "letter", state["away"]))
            shown = [each for each in found if fits(each, state["words"])]
            with ui.element("div").classes("tp-grid"):
                for each in shown:
                    card(each, used.get(each.name, []), may(who, "edit"), listing.refresh)
            if not shown:
                _nothing(bool(found), state["away"])

        if may(who, "edit"):
            with actions:
                button("Import", partial(import_dialog, listing.refresh), "upload_file")
                button("New letter", partial(begin, ""), "add", kind="main")
        tools(state, listing.refresh, "Search templates")
        await listing()
        _starts(who)


def tools(state: dict[str, Any], again: Any, words: str) -> None:
    """A search, and what was put away."""

    @permitted("see")
    async def take(name: str, value: Any) -> None:
        state[name] = value
        again()

    with ui.element("div").classes("tp-tools"):
        search = ui.input(placeholder=words, on_change=lambda e: take("words", e.value or "")).classes("sj-search")
        search.props('outlined dense clearable debounce="200"').props["aria-label"] = words
        ui.checkbox("Put away", on_change=lambda e: take("away", bool(e.value)))


def fits(template: Template, words: str) -> bool:
    """Whether a search finds it."""
    text = " ".join((template.name, template.title, str(template.content.get("subject") or ""))).lower()
    return all(word in text for word in words.lower().split())


@permitted("edit")
async def begin(name: str) -> None:
    """A letter made from one to start from, opened in the studio."""
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    made = await here().db.awrite(lambda tx: starting.begin(tx, name, who.email, now_ms).name)
    ui.navigate.to(f"/templates/{made}")


def _read(kind: str, away: bool, tx: Tx) -> tuple[list[Template], dict[str, list[Use]]]:
    return rows.templates(tx, kind, archived=away), uses(tx)


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
