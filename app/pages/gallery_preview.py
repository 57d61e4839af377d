"""A playbook looked at before it is used: its graph, its letters as their readers see them, what it needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...nodes.graph import JourneyGraph
from ...runtime import playbooks, settings
from ...runtime.content.brand import Brand
from ...runtime.content.letter import Letter, Rendered, compile_letter, render
from ...runtime.playbooks import Need, NoSuchPlaybook, Playbook
from ..auth import key_of, may, permitted
from ..canvas.board import Board
from ..frame import button, chip
from ..sealed import letter_frame, sealed

if TYPE_CHECKING:
    from ..instance import Instance

SAYS_NOTHING = "https://www.example.com/unsubscribe"  # the link of a letter nobody got


def routes(instance: Instance) -> list[Route]:
    """A playbook's letter, filled for a made-up reader, for the frame that shows it."""

    async def letter(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        known = await instance.db.aread(settings.load)
        try:
            book = playbooks.playbook(request.path_params["playbook"])
            page = await asyncio.to_thread(filled, book, request.path_params["letter"], Brand.of(known))
        except (NoSuchPlaybook, KeyError):
            return PlainTextResponse("There is no such letter.", 404)
        return sealed(page.html)

    return [Route("/playbooks/{playbook}/letters/{letter}", letter)]


def filled(book: Playbook, letter: str, brand: Brand) -> Rendered:
    """The letter for the playbook's made-up contact. Raises KeyError."""
    marketing = book.content["message_type"] == "marketing"
    data = {
        "contact": book.sample_contact,
        "event": playbooks.sample_event(book, letter),
        "brand": brand.words(),
        "unsubscribe_url": SAYS_NOTHING if marketing else "",
    }
    return render(_compiled(book.name, letter), data)


@cache
def _compiled(playbook: str, letter: str) -> Letter:
    content = playbooks.playbook(playbook).content
    return compile_letter(content["letters"][letter], content["message_type"] == "marketing")


@permitted("see")
async def preview(
    book: Playbook, seen: frozenset[tuple[str, str]], use: Callable[[], Awaitable[Any]] | None = None
) -> None:
    """The dialog; ``use`` makes a draft of it, None for those who may not."""
    letters = {name: await asyncio.to_thread(filled, book, name, Brand()) for name in book.content["letters"]}
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-preview") as box:
        dialog.on("hide", dialog.delete)
        box.props["data-preview"] = book.name
        dialog.props["aria-label"] = book.title
        with ui.element("div"):
            ui.label(book.title).classes("sj-title").props('role="heading" aria-level="2"')
            ui.label(book.sentence).classes("sj-soft")
        with ui.tabs().props('align="left" no-caps dense') as tabs:
            names = [ui.tab(name) for name in ("The journey", "The letters", "What it needs")]
        with ui.tab_panels(tabs, value=names[0], animated=False):
            with ui.tab_panel(names[0]):
                Board(JourneyGraph(book.content))
            with ui.tab_panel(names[1]):
                _letters(book, letters)
            with ui.tab_panel(names[2]), ui.element("div").classes("sj-preview-about"):
                _needs(book, seen)
                _promises(book)
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)
            if use:
                button("Use this", use, kind="main")


def _letters(book: Playbook, letters: Mapping[str, Rendered]) -> None:
    items: dict[str, ui.element] = {}

    def show(name: str, _clicked: object = None) -> None:
        sheet.props["src"] = f"/playbooks/{quote(book.name)}/letters/{quote(name)}"
        for other, item in items.items():
            item.classes("is-open") if other == name else item.classes(remove="is-open")

    with ui.element("div").classes("sj-preview-letters"):
        with ui.element("div").classes("sj-preview-list"):
            for name, letter in letters.items():
                item = items[name] = ui.element("button").classes("sj-preview-item").props('type="button"')
                with item.on("click", partial(show, name), args=[]):
                    ui.label(letter.subject).classes("sj-strong")
                    ui.label(letter.preheader).classes("sj-soft")
        sheet = letter_frame("The letter").classes("sj-preview-letter")
    show(next(iter(letters)))


def _needs(book: Playbook, seen: frozenset[tuple[str, str]]) -> None:
    with ui.element("div"):
        for need in book.needs:
            with ui.element("div").classes("sj-need-line"):
                with ui.element("div").classes("sj-row"):
                    ui.label(need.name).classes("sj-strong sj-break")
                    ui.label(need.kind).classes("sj-soft")
                    if (need.kind, need.name) in seen:
                        chip("seen here", "good")
                    elif need.kind != "topic":
                        chip("nice to have" if need.optional else "not seen yet", "" if need.optional else "warn")
                ui.label(need.reason[:1].upper() + need.reason[1:] + ".").classes("sj-soft")
                if need.kind != "topic":
                    with ui.element("details"):
                        with ui.element("summary"):
                            ui.label("How to send it").style("display: inline")
                        ui.label(_how(need)).classes("sj-mono sj-sample")


def _how(need: Need) -> str:
    """What a program posts to ``/v1/track`` or ``/v1/identify``."""
    if need.kind == "event":
        address, body = "track", {"userId": "your-id", "event": need.name, "properties": need.sample}
    else:
        address, body = "identify", {"userId": "your-id", "traits": {need.name: need.sample}}
    return f"POST /v1/{address}\n{json.dumps(body, indent=2, ensure_ascii=False)}"


def _promises(book: Playbook) -> None:
    with ui.element("div").classes("sj-stack"):
        with ui.element("div"):
            ui.label("What it is for").classes("sj-group-title")
            ui.label(book.goal + ".")
        with ui.element("div"):
            ui.label("What to aim for").classes("sj-group-title")
            with ui.element("div").classes("sj-pairs"):
                for kpi in book.kpis:
                    ui.label(kpi.label)
                    ui.label(kpi.aim)
        with ui.element("div"):
            ui.label("Before it goes live").classes("sj-group-title")
            for line in book.before:
                with ui.element("div").classes("sj-finding"):
                    ui.icon("chevron_right").classes("sj-soft")
                    ui.label(line)
