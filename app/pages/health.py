"""How the instance is: what is set up, what waits, what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from ...storage import health as lateness
from ...storage import views
from ...storage.database import Tx
from ...storage.views import MessageLine
from .. import words
from ..auth import permitted
from ..doctor import Finding, findings
from ..frame import card, chip, empty, here, moment, opened, sentence, table, visitor
from ..person.journeys import TONES, why_button

MARKS = {"ok": ("check_circle", "is-good"), "warning": ("warning_amber", "is-warn"), "error": ("error", "is-bad")}


@ui.page("/health", title="Health · Sojourn", response_timeout=15)
@permitted("see")
async def health() -> None:
    """Figures first, then sentences, then what needs a look."""
    who, known = await visitor()

    def read(tx: Tx) -> tuple[dict[str, float | int], dict[str, int], list[MessageLine]]:
        return lateness.health(tx, here().clock.now_ms()), views.message_states(tx), views.troubled_messages(tx)

    seen = await here().db.aread(read)
    said: list[Finding] | None = None
    with opened("Health", who, known, "Health", "Whether people and letters move, and what to do when they do not."):

        @ui.refreshable
        def figures() -> None:
            _figures(seen[0], seen[1])

        @ui.refreshable
        def sentences() -> None:
            _sentences(said)

        @ui.refreshable
        def troubled() -> None:
            _troubled(seen[2])

        @permitted("see")
        async def again() -> None:
            nonlocal seen
            found = await here().db.aread(read)
            changed, seen = found[2] != seen[2], found
            figures.refresh()
            if changed:
                troubled.refresh()

        @permitted("see")
        async def look_over() -> None:
            nonlocal said
            said = await asyncio.to_thread(findings, here())
            sentences.refresh()

        figures()
        with card("Looked over", "the same as `sojourn check`"):
            sentences()
        with card("Letters to look at", "their arrival is in doubt, or they failed"):
            troubled()
        ui.timer(3, again, immediate=False)
        ui.timer(0.1, look_over, once=True)
        ui.timer(60, look_over, immediate=False)


def _figures(late: dict[str, Any], states: dict[str, int]) -> None:
    lag = late.get("engine_lag_seconds", 0)
    due, waiting = late.get("contacts_due", 0), states.get("queued", 0) + states.get("leased", 0)
    pace = max(1.0, getattr(here().clock, "speed", 1))  # a demo's second may be minutes
    shown = (
        ("Engine", "on time" if lag < 2 * pace else f"{words.span(round(lag * 1000))} late"),
        ("Person due now" if due == 1 else "People due now", words.number(due)),
        ("Letter waiting" if waiting == 1 else "Letters waiting", words.number(waiting)),
        ("Sent", words.number(states.get("sent", 0))),
        ("In doubt", words.number(states.get("in_doubt", 0))),
        ("Failed", words.number(states.get("failed", 0))),
        ("Held back", words.number(states.get("skipped", 0))),
    )
    with ui.element("div").classes("sj-figures"):
        for label, value in shown:
            with ui.element("div").classes("sj-figure"):
                ui.label(value).classes("sj-figure-number")
                ui.label(label).classes("sj-soft")


def _sentences(said: Sequence[Finding] | None) -> None:
    if said is None:
        with ui.element("div").classes("sj-row sj-soft"):
            ui.spinner(size="1.2em")
            ui.label("Looking …")
        return
    with ui.element("div").classes("sj-findings"):
        for finding in sorted(said, key=lambda one: ("error", "warning", "ok").index(one.level)):
            icon, tone = MARKS[finding.level]
            with ui.element("div").classes("sj-finding"):
                ui.icon(icon).classes(tone).props["aria-label"] = finding.level
                sentence(finding.text)


def _troubled(lines: Sequence[MessageLine]) -> None:
    if not lines:
        empty("mark_email_read", "Nothing to look at", "Every letter so far arrived or was held back on purpose.")
        return

    def row(line: MessageLine) -> list[Any]:
        def letter() -> None:
            ui.link(f"{line.content} of {line.title}", f"/contacts/{line.contact_id}").classes("sj-strong")

        def status() -> None:
            chip(line.status.replace("_", " "), TONES.get(line.status, ""))

        return [letter, status, line.reason or "–", lambda: moment(line.queued_at), lambda: why_button(line.id)]

    table(("Letter", "Status", "Reason", "When", ""), [row(line) for line in lines])
