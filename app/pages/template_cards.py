"""Templates and shared blocks as cards: their picture, what they are called, where they are used, what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.templates import library
from ...runtime.templates.library import NoSuchTemplate, TemplateProblem
from ...runtime.templates.shared import Use
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.templates import Template
from ..auth import permitted
from ..frame import button, chip, headline, here, moment, visitor
from ..row_menu import row_menu
from .template_pictures import picture

Again = Callable[[], Awaitable[None]]


def card(template: Template, uses: list[Use], may_edit: bool, again: Again) -> None:
    """One of them. ``again`` draws the list anew."""
    with ui.element("article").classes("tp-card").props(f"data-template={template.name}"):
        with ui.link(target=f"/templates/{template.name}").classes("tp-picture") as opener:
            opener.props["aria-label"] = f"Open {template.title}"
            frame(picture(template.name, template.content_hash))
        with ui.element("div").classes("tp-words"):
            with ui.element("div").classes("tp-head"):
                ui.link(template.title, f"/templates/{template.name}").classes("tp-title sj-break")
                if may_edit:
                    _menu(template, again)
            with ui.element("div").classes("tp-line sj-soft"):
                ui.label(f"Version {template.version}" if template.version else "Draft").classes("tp-version")
                ui.label("·")
                moment(to_ms(template.changed_at))
            if uses:
                _used(template, uses)


def frame(address: str) -> None:
    """A letter small: it can neither run anything nor be clicked."""
    made = ui.element("iframe").props('sandbox="" tabindex="-1" loading="lazy" scrolling="no" title="Preview"')
    made.props["src"] = address


def _used(template: Template, uses: list[Use]) -> None:
    places = {(use.kind, use.name) for use in uses}
    words = f"Used in {len(places)} {'place' if len(places) == 1 else 'places'}"
    opener = ui.element("button").classes("tp-used").props('type="button"')
    opener.on("click", partial(show_uses, template, uses), args=[])
    with opener:
        ui.icon("call_split")
        ui.label(words)


def show_uses(template: Template, uses: list[Use]) -> None:
    """Where it is used, each with the version it holds."""
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"Where “{template.title}” is used")
        for use in uses:
            with ui.element("div").classes("sj-row tp-use"):
                target = f"/journeys/{use.name}/edit" if use.kind == "journey" else f"/templates/{use.name}"
                ui.link(use.title, target).classes("sj-strong sj-break")
                if use.letter:
                    ui.label(f"letter {use.letter}").classes("sj-soft")
                chip(f"version {use.version}" if use.version else "draft", "good" if use.version else "")
                if use.live:
                    chip("live", "good")
                elif use.version < template.version:
                    chip("older", "warn")
        told = "Live journeys keep the version they were approved with; update their letters to bring in the newest."
        ui.label(told).classes("sj-soft")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close, kind="main")


def _menu(template: Template, again: Again) -> None:
    away = template.archived_at is not None

    def copy(tx: Tx, actor: str, now_ms: int) -> None:
        library.duplicate(tx, template.name, actor, now_ms)

    def put(tx: Tx, actor: str, now_ms: int) -> None:
        library.put_away(tx, template.name, not away, actor, now_ms)

    aside, icon = ("Take out again", "unarchive") if away else ("Put away", "archive")
    row_menu(
        template.title,
        [
            ("Rename", "edit", partial(_rename, template, again)),
            ("Duplicate", "content_copy", partial(done, copy, again)),
            (aside, icon, partial(done, put, again)),
        ],
    )


@permitted("edit")
async def done(job: Callable[[Tx, str, int], Any], again: Again, _clicked: object = None) -> bool:
    """Change the library, say what went wrong if anything did, and draw it anew."""
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    try:
        await here().db.awrite(lambda tx: job(tx, who.email, now_ms))
    except (NoSuchTemplate, TemplateProblem) as problem:
        ui.notify(str(problem), type="warning")
        return False
    await again()
    return True


def _rename(template: Template, again: Again, _clicked: object = None) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Rename it")
        field = ui.input("Title", value=template.title).props('outlined dense autofocus maxlength="200"')
        field.classes("sj-form-input")

        async def rename() -> None:
            title = str(field.value or "")

            def job(tx: Tx, actor: str, now_ms: int) -> None:
                library.rename(tx, template.name, title, actor, now_ms)

            if await done(job, again):
                dialog.close()

        field.on("keydown.enter", rename)
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Rename", rename, kind="main")
