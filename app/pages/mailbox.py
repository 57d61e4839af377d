"""The mailbox: every letter the built-in mail server received, as its reader sees it, with nothing in it run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.channels import inbox
from ...runtime.channels.inbox import Line, Received
from ...storage.columns import to_ms
from ..auth import key_of, may, permitted
from ..frame import chip, empty, here, moment, opened, visitor
from ..sealed import letter_frame, sealed

if TYPE_CHECKING:
    from ..instance import Instance

TO_LETTER = "if (innerWidth <= 860) document.querySelector('.sj-reader').scrollIntoView()"  # it stands below the list


def folder(instance: Instance) -> Path:
    """Where the built-in mail server keeps its letters."""
    return instance.home / "inbox"


def routes(instance: Instance) -> list[Route]:
    """The letter itself, for the frame that shows it."""

    async def letter(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        found = await asyncio.to_thread(inbox.letter, folder(instance), request.path_params["key"])
        if found is None:
            return PlainTextResponse("This letter is gone.", 404)
        return sealed(found.html)

    return [Route("/mailbox/letters/{key}", letter)]


@ui.page("/mailbox", title="Mailbox · Sojourn")
@permitted("see")
async def mailbox() -> None:
    """The list on the left, the letter on the right."""
    who, known = await visitor()
    place = folder(here())
    asked = ""
    lines = await asyncio.to_thread(inbox.letters, place)
    shown = await asyncio.to_thread(inbox.letter, place, lines[0].key) if lines else None
    lead = "Letters the mail server inside Sojourn received. They go nowhere else."
    with opened("Mailbox", who, known, "Mailbox", lead) as actions:
        with actions:
            search = ui.input(placeholder="Search subject, sender, receiver").classes("sj-search")
            search.props('outlined dense clearable debounce="300" aria-label="Search letters"')

        items: dict[str, ui.element] = {}

        @ui.refreshable
        def listing() -> None:
            items.clear()
            for line in lines:
                items[line.key] = _item(line, shown is not None and line.key == shown.line.key, read)
            if not lines:
                empty("search_off", "No letter matches")

        @ui.refreshable
        def reader() -> None:
            if shown is None:
                empty("drafts", "Choose a letter", "It is shown here as its reader sees it.")
            else:
                _letter(shown)

        @ui.refreshable
        def both() -> None:
            if not lines and not asked:
                empty(
                    "mark_email_unread",
                    "No letter yet",
                    "In the demo, let time pass with the clock above and letters arrive here.",
                    "With a mail server of your own, letters go there and this stays empty.",
                )
                return
            with ui.element("div").classes("sj-mail"):
                with ui.element("div").classes("sj-mail-list").props('aria-label="Letters"'):
                    listing()
                with ui.element("div").classes("sj-card sj-reader"):
                    reader()

        @permitted("see")
        async def read(key: str) -> None:
            nonlocal shown
            shown = await asyncio.to_thread(inbox.letter, place, key)
            for other, item in items.items():
                item.classes("is-open") if other == key else item.classes(remove="is-open")
            reader.refresh()
            ui.run_javascript(TO_LETTER)

        at_work = asyncio.Lock()

        @permitted("see")
        async def again() -> None:
            nonlocal lines, asked
            if at_work.locked() and asked == wish():
                return  # what is looked for is being looked for
            async with at_work:
                asked = wish()
                found = await asyncio.to_thread(inbox.letters, place, asked)
            if found != lines:
                appears = not lines
                lines = found
                both.refresh() if appears else listing.refresh()

        def wish() -> str:
            return (search.value or "").strip()[:200]

        async def searched() -> None:
            search.props("loading")
            try:
                await again()
            finally:
                search.props(remove="loading")

        search.on_value_change(searched)
        both()
        ui.timer(3, again, immediate=False)


def _item(line: Line, is_open: bool, read: Callable[[str], Awaitable[Any]]) -> ui.element:
    item = ui.element("button").classes("sj-mail-item" + (" is-open" if is_open else "")).props('type="button"')
    with item.on("click", lambda: read(line.key), args=[]):
        with ui.element("div").classes("sj-mail-top"):
            ui.label(line.to).classes("sj-strong sj-clip")
            moment(to_ms(line.at))
        ui.label(line.subject or "(no subject)").classes("sj-clip")
    return item


def _letter(found: Received) -> None:
    ui.label(found.line.subject or "(no subject)").classes("sj-card-title")
    with ui.element("div").classes("sj-row sj-soft"):
        ui.label(f"from {found.line.from_}").classes("sj-break")
        ui.label(f"to {found.line.to}").classes("sj-break")
        moment(to_ms(found.line.at))
        if not found.html:
            chip("text only")
    with ui.tabs().props('align="left" no-caps dense') as tabs:
        names = [ui.tab(name) for name in ("Letter", "Text", "Headers", "Source")]
    with ui.tab_panels(tabs, value=names[0] if found.html else names[1]).classes("sj-panels"):
        with ui.tab_panel(names[0]):
            letter_frame("The letter", "/mailbox/letters/" + quote(found.line.key, safe="")).classes("sj-letter")
        with ui.tab_panel(names[1]):
            ui.label(found.text or "This letter has no text part.").classes("sj-mono sj-source")
        with ui.tab_panel(names[2]), ui.element("div").classes("sj-pairs sj-mono"):
            for name, value in found.headers:
                ui.label(name)
                ui.label(value)
        with ui.tab_panel(names[3]):
            ui.label(found.source[:200_000]).classes("sj-mono sj-source")
