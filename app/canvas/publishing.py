"""The last question before a draft runs: what happens to the people inside, then yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...runtime.content.checking.of_journey import looked_ahead
from ...runtime.governance import approval, versions
from ...runtime.governance.missing import missing
from ...runtime.governance.problems import JourneyHasProblems
from ...runtime.governance.reach import consequences
from ...runtime.governance.wording import said
from ...runtime.program import content_hash
from ...storage import journeys
from ...storage.database import Tx
from ..auth import permitted
from ..frame import button, headline, here, visitor

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What the question is about."""

    journey_id: int
    title: str
    digest: str
    graph: JourneyGraph
    consequences: list[str]
    lacking: list[Problem]  # what this instance has not got yet


@permitted("publish")
async def ask_and_publish(name: str) -> bool:
    """Say what publishing does, ask, and publish exactly what the answer was about. Whether it was published."""
    now_ms, mail_server = here().clock.now_ms(), bool(here().config.smtp_url)

    def read(tx: Tx) -> Asked | None:
        journey = journeys.journey_named(tx, name)
        if journey is None or journey.id is None:
            return None
        draft = journey.draft
        found, lacking = consequences(tx, journey, now_ms), missing(tx, draft, mail_server)
        return Asked(journey.id, journey.title, content_hash(draft), JourneyGraph(draft), found, lacking)

    asked = await here().db.aread(read)
    if asked is None:
        return False
    with ui.dialog() as dialog, ui.element("div").classes("sj-dialog").props('data-mark="publish-dialog"'):
        headline(dialog, f"Publish “{asked.title}”?")
        with ui.element("ul").classes("sj-said"):
            for sentence in asked.consequences:
                with ui.element("li"):
                    ui.label(sentence)
        lacking_list(asked.lacking, asked.graph)
        note = ui.input("What is new (for the history)").props("outlined dense").classes("sj-field is-wide")
        note.props["maxlength"] = LONGEST_NOTE
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", lambda: dialog.submit(False))
            button("Publish", lambda: dialog.submit(True), kind="main").props('data-mark="publish-yes"')
    agreed = await dialog
    words = str(note.value or "")[:LONGEST_NOTE]
    dialog.delete()
    return bool(agreed) and await _publish(asked, words)


def lacking_list(lacking: Sequence[Problem], graph: JourneyGraph) -> None:
    """What is not there yet, each in a line; nothing where all is there."""
    if not lacking:
        return
    with ui.element("div").classes("sj-findings").props('data-mark="lacking"'):
        for problem in lacking:
            with ui.element("div").classes("sj-finding"):
                ui.icon("warning_amber").classes("is-warn").props('aria-label="Warning"')
                ui.label(said(problem, graph)).classes("sj-break")


def refusal_words(refusal: Exception, graph: JourneyGraph) -> str:
    """Why a draft cannot run, by the titles of its steps."""
    if isinstance(refusal, JourneyHasProblems):
        return "\n".join(said(problem, graph) for problem in refusal.problems)
    return str(refusal)


@permitted("publish")
async def _publish(asked: Asked, note: str) -> bool:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    working = ui.notification("The letters are looked over …", spinner=True, timeout=None)
    try:
        await looked_ahead(here().db, asked.graph.content, now_ms)
        number = await here().db.awrite(
            lambda tx: versions.publish(tx, asked.journey_id, who.email, now_ms, note, hash_shown=asked.digest).number
        )
    except (approval.ReviewRefused, JourneyHasProblems) as refusal:
        ui.notify(refusal_words(refusal, asked.graph), type="warning", multi_line=True)
        return False
    finally:
        working.dismiss()
    here().runtime.nudge()
    ui.notify(f"Version {number} is live.", type="positive")
    return True
