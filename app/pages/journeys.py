"""The list of journeys, with what each has done, and its switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from starlette.responses import RedirectResponse

from ...runtime.numbers import counted
from ...storage import views
from ...storage.views import JourneyLine
from .. import words
from ..auth import Who, may, permitted
from ..frame import button, chip, empty, here, opened, sure, table, visitor

TONES = {"live": "good", "paused": "warn"}
COLUMNS = ("Journey", "Status", "Inside now", "Entered", "Messages sent", "Converted", "")
NUMBERS = ("Inside now", "Entered", "Messages sent", "Converted")


@ui.page("/")
@permitted("see")
async def first() -> RedirectResponse:
    """The first page is the list of journeys."""
    return RedirectResponse("/journeys", 303)


@ui.page("/journeys", title="Journeys · Sojourn")
@permitted("see")
async def journeys() -> None:
    """Every journey in one line."""
    who, known = await visitor()
    lines = await here().db.aread(views.journey_lines)
    with opened("Journeys", who, known, "Journeys", "What runs, who is in it, and what it has sent.") as actions:
        if may(who, "edit"):
            with actions:
                button("New journey", lambda: ui.navigate.to("/journeys/new"), "add", "main")

        @ui.refreshable
        def listing() -> None:
            if not lines:
                empty(
                    "route",
                    "No journey yet",
                    "Choose “New journey” and start from a playbook, a file, or nothing.",
                    "To look around first, `sojourn demo` opens a shop with three live journeys.",
                )
                return
            table(COLUMNS, [_row(line, who, again) for line in lines], NUMBERS)

        @permitted("see")
        async def again() -> None:
            nonlocal lines
            found = await here().db.aread(views.journey_lines)
            if found != lines:
                lines = found
                listing.refresh()

        listing()
        ui.timer(3, again, immediate=False)


def _row(line: JourneyLine, who: Who, again: Callable[..., Any]) -> list[Any]:
    def name() -> None:
        with ui.link(target=f"/journeys/{line.name}").classes("sj-row-link"):
            ui.label(line.title).classes("sj-strong")
            ui.label(line.name).classes("sj-soft")

    def status() -> None:
        chip(line.status, TONES.get(line.status, ""))

    def switch() -> None:
        with ui.element("div").classes("sj-row is-deeds"):
            if may(who, "edit"):
                target = f"/journeys/{line.name}/edit"
                button("Edit", lambda: ui.navigate.to(target), "edit").props["aria-label"] = f"Edit {line.title}"
            if line.status in ("live", "paused") and may(who, "run"):
                pause_button(line.id, line.title, line.status, line.inside, again)

    converted = f"{words.number(line.converted)} · {words.share(line.converted, line.entered)}" if line.entered else "–"
    counts = [words.number(line.inside), words.number(line.entered), words.number(line.sent), converted]
    return [name, status, *counts, switch]


def pause_button(journey_id: int, title: str, status: str, inside: int, again: Callable[..., Any]) -> ui.button:
    """Pause a live journey or resume a paused one, after asking."""

    @permitted("run")
    async def turn() -> None:
        from ...runtime.governance import versions

        who, _ = await visitor()
        pausing = status == "live"
        question = "Pause this journey?" if pausing else "Resume this journey?"
        stand = counted(inside, "person is", "people are") + f" in “{title}”. "
        consequence = (
            stand + "They stay where they are and get nothing until it is resumed."
            if pausing
            else stand + "Whatever came due meanwhile happens now."
        )
        if not await sure(question, consequence, "Pause" if pausing else "Resume"):
            return
        verb = versions.pause if pausing else versions.resume
        now = here().clock.now_ms()
        await here().db.awrite(lambda tx: verb(tx, journey_id, who.email, now))
        here().runtime.nudge()
        ui.notify("Paused." if pausing else "Resumed.")
        await again()

    label, icon = ("Pause", "pause") if status == "live" else ("Resume", "play_arrow")
    return button(label, turn, icon)
