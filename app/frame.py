"""The frame around every page: brand, navigation, warnings, the hand-moved clock, and the small parts pages share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import app as nicegui_app
from nicegui import core, helpers, ui
from nicegui.context import context
from nicegui.element import Element

from ..runtime.clock import ManualClock
from ..runtime.settings import Settings
from ..runtime.settings import load as load_settings
from ..storage import reviews
from . import words
from .auth import Who, current, may, permitted
from .clock_control import clock_control
from .menu import menu, siblings
from .notices import Notices

if TYPE_CHECKING:
    from .instance import Instance

STYLES = Path(__file__).parent.parent / "assets" / "style"

SPECIAL = re.compile(r"`([^`]*)`|\[([^\]]+)\]\((/[^)\s]*)\)")
LOOKS = {"light": ("light_mode", False), "dark": ("dark_mode", True), "auto": ("brightness_auto", None)}


def here() -> Instance:
    """The instance these pages belong to."""
    return core.app.state.instance


async def settings() -> Settings:
    """The owner's settings, read off the loop."""
    return await here().db.aread(load_settings)


@contextmanager
def frame(active: str, who: Who, known: Settings, bar: Callable[[], None] | None = None) -> Iterator[None]:
    """Everything around a page's own content. ``bar`` fills the top for a page that needs the whole window."""
    context.client.storage["zone"] = known.zone
    stylesheet()
    ui.add_head_html(f'<script src="/assets/style/frame.js?{_version("frame.js")}"></script>')
    ui.colors(primary="#5457cd")
    look = nicegui_app.storage.user.get("look", "auto")
    dark = ui.dark_mode(LOOKS.get(look, LOOKS["auto"])[1])
    with ui.element("div").classes("sj-shell").classes("is-whole" if bar else ""):
        ui.link("Skip to content", "#content").classes("sj-skip")
        with ui.element("header").classes("sj-top"):
            with ui.link(target="/journeys").classes("sj-brand") as home:
                home.props["aria-label"] = known.brand_name  # on a phone its words are hidden
                ui.image("/assets/style/sojourn.svg").props(
                    'alt="" role="presentation" no-spinner no-transition width="28px" height="28px"'
                )
                ui.label(known.brand_name)
            if bar:
                bar()
            else:
                ui.element("div").classes("sj-grow")
            if not bar and isinstance(here().clock, ManualClock) and may(who, "clock"):
                clock_control(here(), known.zone)
            _look_button(dark, look)
            _person_button(who)
        menu(active, may(who, "people"), _badge)
        with ui.element("div").classes("sj-main").props('id="content" tabindex="-1"'):
            Notices(lambda: here().runtime.warnings(), sentence)
            siblings(active)
            yield


@contextmanager
def opened(active: str, who: Who, known: Settings, title: str, lead: str = "") -> Iterator[Element]:
    """A framed page with its heading; yields the place for the page's buttons."""
    with frame(active, who, known):
        with ui.element("div").classes("sj-head"):
            with ui.element("div").classes("sj-head-words"):
                ui.label(title).classes("sj-title").props('role="heading" aria-level="1"')
                if lead:
                    ui.label(lead).classes("sj-lead")
            actions = ui.element("div").classes("sj-actions")
        yield actions


async def visitor() -> tuple[Who, Settings]:
    """Who looks, and the settings to draw the frame with."""
    return await current(), await settings()


# ── small parts ───────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def card(title: str = "", lead: str = "") -> Iterator[Element]:
    """A quiet box."""
    with ui.element("section").classes("sj-card") as box:
        if title:
            with ui.element("div").classes("sj-card-head"):
                ui.label(title).classes("sj-card-title").props('role="heading" aria-level="2"')
                if lead:
                    sentence(lead).classes("sj-soft")
        yield box


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], numbers: Sequence[str] = ()) -> None:
    """A table that becomes a list of cards on a phone. A cell is text, or a function that draws into it."""
    with ui.element("div").classes("sj-table").props('role="table"'):
        with ui.element("div").classes("sj-tr sj-th").props('role="row"'):
            for name in columns:
                ui.label(name).classes("sj-td" + (" is-number" if name in numbers else "")).props('role="columnheader"')
        for row in rows:
            with ui.element("div").classes("sj-tr").props('role="row"'):
                for name, cell in zip(columns, row, strict=True):
                    with ui.element("div").classes("sj-td" + (" is-number" if name in numbers else "")) as place:
                        place.props('role="cell"')
                        place.props["data-label"] = name
                        if callable(cell):
                            cell()
                        else:
                            ui.label(str(cell))


def empty(icon: str, title: str, *sentences: str) -> None:
    """What to do when there is nothing to show."""
    with ui.element("div").classes("sj-empty"):
        ui.icon(icon)
        ui.label(title).classes("sj-card-title")
        for text in sentences:
            sentence(text).classes("sj-soft")


def sentence(text: str) -> Element:
    """Words with what one types between `backticks` set as code, and [words](/page) as a link to a page of ours."""
    parts = [*SPECIAL.split(text), None, None, None]
    with ui.element("div").classes("sj-break") as said:
        for before, typed, label, page in zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True):
            if before:
                ui.label(before).classes("sj-said")
            if typed:
                ui.label(typed).classes("sj-typed")
            if label and page:
                ui.link(label, page)
    return said


def chip(text: str, tone: str = "") -> None:
    """A word in a pill; tone is good, warn, bad or nothing."""
    ui.label(text).classes("sj-chip").classes({"good": "is-good", "warn": "is-warn", "bad": "is-bad"}.get(tone, ""))


def button(text: str, on_click: Callable[..., Any], icon: str = "", kind: str = "quiet") -> ui.button:
    """A button; kind is main, quiet or danger."""
    made = ui.button(text, icon=icon or None, on_click=lasting(on_click), color=None).props("no-caps unelevated")
    return made.classes("sj-button").classes({"main": "is-main", "danger": "is-danger"}.get(kind, "is-quiet"))


def lasting(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Run a handler in the page itself: the row that was clicked may be redrawn while a dialog of it stands."""

    @wraps(handler)
    def run(*arguments: Any) -> Any:
        page = context.client.content
        with page:
            result = handler(*arguments)
        return helpers.await_with_context(result, page) if helpers.should_await(result) else result

    return run


def headline(dialog: ui.dialog, words: str) -> None:
    """The first line of a dialog, which is its name for those who hear the screen."""
    ui.label(words).classes("sj-card-title sj-break").props('role="heading" aria-level="2"')
    dialog.props["aria-label"] = words


async def sure(question: str, consequence: str, yes: str, kind: str = "main") -> bool:
    """Ask before something that matters. The question stands until it is answered, whatever is redrawn below."""
    with context.client.content, ui.dialog() as dialog, ui.element("div").classes("sj-dialog"):
        headline(dialog, question)
        ui.label(consequence).classes("sj-soft")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", lambda: dialog.submit(False))
            button(yes, lambda: dialog.submit(True), kind=kind)
    answer = await dialog
    if not dialog.is_deleted:  # the page may be gone
        dialog.delete()
    return bool(answer)


def moment(ms: int | None) -> None:
    """How long ago, with the exact moment under the pointer."""
    made = ui.label(words.ago(ms, here().clock.now_ms())).classes("sj-moment")
    made.props["title"] = words.moment(ms, context.client.storage["zone"])  # a tooltip would outlive a redrawn row


# ── the frame's own parts ─────────────────────────────────────────────────────────────────────────────


def stylesheet(name: str = "sojourn.css") -> None:
    """Load a stylesheet of ours once in a page, under an address that changes with its content."""
    loaded = context.client.storage.setdefault("stylesheets", set())
    if name in loaded:
        return
    loaded.add(name)
    ui.add_head_html(f'<link rel="stylesheet" href="/assets/style/{name}?{_version(name)}">')


def _version(name: str) -> str:
    return sha256((STYLES / name).read_bytes()).hexdigest()[:12]


def _look_button(dark: ui.dark_mode, look: str) -> None:
    order = list(LOOKS)

    @permitted("see")
    async def turn() -> None:
        following = order[(order.index(nicegui_app.storage.user.get("look", "auto")) + 1) % len(order)]
        nicegui_app.storage.user["look"] = following
        icon, dark.value = LOOKS[following]
        made.props(f"icon={icon}")
        tip.text = f"Look: {following}"

    made = ui.button(icon=LOOKS.get(look, LOOKS["auto"])[0], on_click=turn, color=None).props(
        'flat round dense aria-label="Change between light, dark and automatic"'
    )
    made.classes("sj-icon-button")
    with made:
        tip = ui.tooltip(f"Look: {look}")


def _person_button(who: Who) -> None:
    opener = ui.button(icon="account_circle", color=None).props('flat round dense aria-label="Your account"')
    with opener.classes("sj-icon-button"), ui.menu().classes("sj-menu"):
        with ui.element("div").classes("sj-menu-words"):
            ui.label(who.name or who.email).classes("sj-strong")
            ui.label(who.role).classes("sj-soft")
        with ui.link(target="/account").classes("sj-menu-button"):
            ui.icon("key")
            ui.label("Password")
        if may(who, "people"):
            with ui.link(target="/people").classes("sj-menu-button"):
                ui.icon("manage_accounts")
                ui.label("People")
        leave = ui.element("form").props('method="post" action="/sign-out"')
        with leave, ui.element("button").classes("sj-menu-button").props('type="submit"'):
            ui.icon("logout")
            ui.label("Sign out")


def _badge() -> None:
    """How many reviews wait."""
    made = ui.label("").classes("sj-badge")
    made.visible = False

    async def look() -> None:
        count = await here().db.aread(reviews.count_open)
        if made.visible != bool(count) or made.text != str(count):
            made.text, made.visible = str(count), bool(count)
            made.props["aria-label"] = f"{count} waiting"

    ui.timer(5, look)
