"""Where journeys begin: playbooks with what they need, a file, another journey, or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...runtime import drafts, playbooks
from ...runtime.playbooks import GROUPS, Need, Playbook
from ...storage.database import Tx
from ..auth import Who, may, permitted
from ..canvas.picture import picture
from ..frame import button, empty, here, opened, visitor
from .gallery_file import import_dialog
from .gallery_preview import preview

STYLE = Path(__file__).parent.parent.parent / "assets" / "style" / "gallery.css"
Known = frozenset[tuple[str, str]]


@ui.page("/journeys/new", title="New journey · Sojourn")
@permitted("see")
async def gallery() -> None:
    """All playbooks in their groups, with a search, and the other ways to begin."""
    who, known = await visitor()
    seen = await here().db.aread(playbooks.known_here)
    style()
    lead = "Start from a playbook that is complete with its letters, and change whatever you like."
    with opened("Journeys", who, known, "New journey", lead) as actions:
        with actions:
            search = ui.input(placeholder="Search playbooks").classes("sj-search")
            search.props('outlined dense clearable debounce="200" aria-label="Search playbooks"')
        if may(who, "edit"):
            _other_ways()

        @ui.refreshable
        def listing() -> None:
            words = (search.value or "").lower().split()
            found = [book for book in playbooks.playbooks() if all(word in _searched(book) for word in words)]
            for group in GROUPS:
                members = [book for book in found if book.group == group]
                if members:
                    with ui.element("section").classes("sj-gallery-group"):
                        ui.label(group).classes("sj-group-title").props('role="heading" aria-level="2"')
                        with ui.element("div").classes("sj-gallery"):
                            for book in members:
                                _card(book, seen, who)
            if not found:
                empty("search_off", "No playbook matches", "Try an event, such as purchased, or a word like review.")

        listing()
        search.on_value_change(listing.refresh)


def style() -> None:
    """Link the gallery's own style sheet."""
    version = sha256(STYLE.read_bytes()).hexdigest()[:12]
    ui.add_head_html(f'<link rel="stylesheet" href="/assets/style/gallery.css?{version}">')


async def begin(make: Callable[[Tx, str, int], str]) -> None:
    """Make a draft and open it in the editor."""
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    name = await here().db.awrite(lambda tx: make(tx, who.email, now_ms))
    ui.navigate.to(f"/journeys/{name}/edit")


def _other_ways() -> None:
    @permitted("edit")
    async def blank() -> None:
        await begin(lambda tx, actor, now_ms: drafts.blank(tx, "", actor, now_ms))

    with ui.element("div").classes("sj-begin"):
        _way("note_add", "Blank", "An empty canvas", blank)
        _way("upload_file", "Import a file", "journey.yaml or JSON", import_dialog)


def _way(icon: str, title: str, sentence: str, chosen: Callable[[], Awaitable[Any]]) -> None:
    made = ui.element("button").props('type="button"').on("click", lambda: chosen(), args=[])
    made.props["data-way"] = icon
    with made:
        ui.icon(icon)
        with ui.element("div"):
            ui.label(title).classes("sj-strong")
            ui.label(sentence).classes("sj-soft")


def _card(book: Playbook, seen: Known, who: Who) -> None:
    show = partial(preview, book, seen, _user(book) if may(who, "edit") else None)
    with ui.element("article").classes("sj-book") as card:
        card.props["data-playbook"] = book.name
        opener = ui.element("button").classes("sj-book-picture").props('type="button"')
        opener.props["aria-label"] = f"Preview {book.title}"
        with opener.on("click", lambda: show(), args=[]):
            ui.html(_picture(book.name), sanitize=False)
        with ui.element("div").classes("sj-book-words"):
            ui.label(book.title).classes("sj-card-title").props('role="heading" aria-level="3"')
            ui.label(book.sentence).classes("sj-soft")
            with ui.element("div").classes("sj-needs").props('aria-label="What it needs"'):
                for need in book.needs:
                    if not need.optional and need.kind != "topic":
                        _need(need, (need.kind, need.name) in seen)
            with ui.element("div").classes("sj-book-actions"):
                if may(who, "edit"):
                    button("Use this", _user(book), kind="main")
                button("Preview", show)


def _user(book: Playbook) -> Callable[[], Awaitable[Any]]:
    @permitted("edit")
    async def use() -> None:
        await begin(partial(_add, book.name))

    return use


def _add(name: str, tx: Tx, actor: str, now_ms: int) -> str:
    return playbooks.add(tx, name, actor, now_ms)


def _need(need: Need, here_already: bool) -> None:
    with ui.element("span").classes("sj-need" + (" is-here" if here_already else "")) as chip:
        ui.icon("check_circle" if here_already else "radio_button_unchecked")
        ui.label(need.name)
    found = "seen here" if here_already else "not seen yet; Preview shows how to send it"
    chip.tooltip(f"{need.kind.capitalize()}: {need.reason} ({found})")
    chip.props["aria-label"] = f"{need.name}, {found}"


def _searched(book: Playbook) -> str:
    return " ".join(
        [book.title, book.sentence, book.group, book.goal, book.name, *(need.name for need in book.needs)]
    ).lower()


@cache
def _picture(name: str) -> str:
    book = playbooks.playbook(name)
    return picture(JourneyGraph(book.content), f"{book.title}, drawn")
