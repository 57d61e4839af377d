"""One journey: drawn with live counts, who is inside, which version runs and who approved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...runtime.counting import StepCounts, journey_counts
from ...runtime.governance import versions as governance
from ...runtime.governance.missing import missing
from ...runtime.governance.wording import said
from ...runtime.lately import lately
from ...runtime.why_held import nobody_agreed
from ...storage import journeys, views
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.journeys import Journey, Version
from ...storage.views import ContactLine, JourneyLine, Stay
from .. import words
from ..auth import may, permitted
from ..canvas.board import Board
from ..canvas.funnel import FunnelView
from ..frame import button, card, chip, empty, frame, here, moment, opened, sentence, table, visitor
from .journey_copies import file_buttons
from .journeys import TONES, pause_button


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the page shows, read in one snapshot."""

    journey: Journey
    line: JourneyLine
    version: Version | None
    content: dict[str, Any]
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Moving:
    """What changes while one looks."""

    counts: dict[str, StepCounts]
    line: JourneyLine
    inside: list[tuple[Stay, ContactLine]]
    unwilling: int  # so many people inside, none of whom agreed; 0: it is fine


@ui.page("/journeys/{name}", title="Journey · Sojourn")
@permitted("see")
async def journey(name: str) -> None:
    """The journey of this short name."""
    who, known = await visitor()
    mail_server = bool(here().config.smtp_url)
    seen = await here().db.aread(lambda tx: read(tx, name, mail_server))
    if seen is None:
        with frame("Journeys", who, known):
            empty("route", "There is no such journey", "It may have been renamed. The list has them all.")
        return
    moving = await latest(seen)
    graph = JourneyGraph(seen.content)
    with opened("Journeys", who, known, seen.journey.title, str(seen.content.get("description") or "")) as actions:
        with actions:
            chip(seen.journey.status, TONES.get(seen.journey.status, ""))
            file_buttons(seen.journey.name, who)
            if seen.line.status in ("live", "paused") and may(who, "run"):
                pause_button(seen.line.id, seen.line.title, seen.line.status, seen.line.inside, _reload)
            edit, target = may(who, "edit"), f"/journeys/{seen.journey.name}/edit"
            button("Edit" if edit else "Open", lambda: ui.navigate.to(target), "edit" if edit else "visibility", "main")

        @ui.refreshable
        def figures() -> None:
            _figures(moving.line)
            if moving.unwilling:
                _nobody_agreed(moving.unwilling)

        @ui.refreshable
        def people() -> None:
            _people(moving.inside, graph)

        figures()
        _problems(seen.problems, JourneyGraph(seen.journey.draft))
        board = Board(graph)
        board.show(moving.counts)
        with card("How it goes", "days are those of UTC"):
            FunnelView(name, graph)
        with ui.element("div").classes("sj-columns"):
            with card("Inside now", "the last to come first"):
                people()
            _about(seen)

        @permitted("see")
        async def again() -> None:
            nonlocal moving
            found = await latest(seen)
            if found == moving:
                return
            changed_line = (found.line, found.unwilling) != (moving.line, moving.unwilling)
            changed_inside = found.inside != moving.inside
            moving = found
            board.show(moving.counts)
            if changed_line:
                figures.refresh()
            if changed_inside:
                people.refresh()

        ui.timer(2, again, immediate=False)


def read(tx: Tx, name: str, mail_server: bool) -> Seen | None:
    """The journey, its live version or its draft, and what is wrong with the draft and with where it is to run."""
    found = journeys.journey_named(tx, name)
    if found is None:
        return None
    version = journeys.version(tx, found.live_version) if found.live_version else None
    line = next(line for line in views.journey_lines(tx) if line.id == found.id)
    content = version.content if version else found.draft
    wrong = [*governance.problems(found.draft), *missing(tx, found.draft, mail_server)]
    return Seen(found, line, version, content, sorted(wrong, key=lambda problem: problem.severity != "error"))


async def latest(seen: Seen) -> Moving:
    """What moves, counted once for everybody who looks, and less often in a large instance."""
    return await lately(here().db).of(("moving", seen.line.id), lambda tx: read_moving(tx, seen))


def read_moving(tx: Tx, seen: Seen) -> Moving:
    """The counts of all versions, and who is inside."""
    line = next(line for line in views.journey_lines(tx) if line.id == seen.line.id)
    people = views.inside(tx, seen.line.id, limit=12)
    return Moving(journey_counts(tx, seen.journey), line, people, nobody_agreed(tx, seen.line.id, seen.content))


async def _reload() -> None:
    ui.navigate.reload()


def _figures(line: JourneyLine) -> None:
    shown = (
        ("Inside now", words.number(line.inside)),
        ("Entered so far", words.number(line.entered)),
        ("Messages sent", words.number(line.sent)),
        ("Converted", words.number(line.converted)),
        ("Conversion", words.share(line.converted, line.entered)),
    )
    with ui.element("div").classes("sj-figures"):
        for label, value in shown:
            with ui.element("div").classes("sj-figure"):
                ui.label(value).classes("sj-figure-number")
                ui.label(label).classes("sj-soft")


def _nobody_agreed(people: int) -> None:
    nobody = "Nobody" if people == 1 else f"None of the {words.number(people)} newest people"
    with ui.element("div").classes("sj-notice").props('data-mark="nobody-agreed"'):
        ui.icon("do_not_disturb_on")
        sentence(
            f"{nobody} inside is known to have agreed to what this journey sends, so nobody will get it. "
            "Look at its topic, and at what people agreed to under [Consent](/consent)."
        )


def _problems(problems: Sequence[Problem], graph: JourneyGraph) -> None:
    if not problems:
        return
    with card("To look at", "before the draft is published"), ui.element("div").classes("sj-stack"):
        for problem in problems:
            with ui.element("div").classes("sj-row"):
                chip(problem.severity, "bad" if problem.severity == "error" else "warn")
                ui.label(said(problem, graph)).classes("sj-break")


def _people(inside: list[tuple[Stay, ContactLine]], graph: JourneyGraph) -> None:
    if not inside:
        empty("person_off", "Nobody is inside", "People appear here as they come in.")
        return
    table(("Contact", "At", "Came in", "Next"), [_person(stay, person, graph) for stay, person in inside])


def _person(stay: Stay, person: ContactLine, graph: JourneyGraph) -> list[Any]:
    def name() -> None:
        ui.link(words.title_of(person), f"/contacts/{person.id}").classes("sj-strong")

    return [name, where(stay, graph), lambda: moment(stay.entered_at), expects(stay)]


def where(stay: Stay, graph: JourneyGraph) -> str:
    """The title of the step they stand at."""
    if stay.node >= len(graph.ids):
        return "–"
    step = graph.ids[stay.node]
    return graph.nodes[step].title if step in graph.nodes else step


def expects(stay: Stay) -> str:
    """What they wait for, in words."""
    if stay.outbox:
        return "a message on its way"
    due = words.ago(stay.due_at, here().clock.now_ms()) if stay.due_at is not None else ""
    if stay.wait_event:
        return f"“{stay.wait_event}”" + (f", or {due}" if due else "")
    return due or "–"


def _about(seen: Seen) -> None:
    version = seen.version
    with card("About"), ui.element("div").classes("sj-pairs"):
        for label, value in (
            ("Name", seen.journey.name),
            ("Kind", str(seen.content.get("message_type") or "marketing")),
            ("Version", str(version.number) if version else "not published yet"),
        ):
            ui.label(label)
            ui.label(value)
        if version:
            ui.label("Content")
            ui.label(version.content_hash[:16]).classes("sj-mono").tooltip(version.content_hash)
            ui.label("Approved")
            with ui.element("div"):
                if version.approved_hash != version.content_hash:
                    chip("content differs from what was approved", "bad")
                elif version.approved_at:
                    ui.label(f"by {version.approved_by}")
                    moment(to_ms(version.approved_at))
