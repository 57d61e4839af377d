"""The journeys somebody was in, step by step, and the messages they got or did not get, with the why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...runtime.collisions import sentence
from ...runtime.explain import explain
from ...runtime.numbers import counted
from ...storage import held
from ...storage.views import MessageLine
from .. import words
from ..auth import permitted
from ..frame import button, card, chip, empty, headline, here, moment, table
from ..pages.journey import expects, where
from .seen import Seen
from .story import ENDS, plain

BROKEN = ("The letter ", "The data of this contact ")  # how a message begins to say that facts do not fit its letter
TONES = {"sent": "good", "failed": "bad", "in_doubt": "warn", "skipped": ""}


def stays(seen: Seen) -> None:
    """Every stay in a journey, the last first."""
    with card("Journeys"):
        if not seen.stays:
            empty("route", "In no journey so far", "When one takes them in, every step they take is listed here.")
        for stay in seen.stays:
            graph = JourneyGraph(seen.contents[stay.version_id])
            with ui.element("div").classes("sj-stay"):
                with ui.element("div").classes("sj-row"):
                    ui.link(stay.title, f"/journeys/{stay.journey}").classes("sj-strong")
                    chip("left" if stay.ended_at else "inside", "" if stay.ended_at else "good")
                    ui.label(f"since {words.ago(stay.entered_at, here().clock.now_ms())}").classes("sj-soft")
                if stay.ended_at:
                    reason = stay.reason or "end"
                    ui.label(f"{plain(ENDS.get(reason, reason))}.").classes("sj-soft")
                else:
                    ui.label(f"At “{where(stay, graph)}”, next: {expects(stay)}.").classes("sj-soft sj-break")
                with ui.element("div").classes("sj-walk sj-timeline"):
                    for at, steps in seen.walks[stay.id]:
                        with ui.element("div").classes("sj-happened"):
                            ui.label(walk_words(steps, graph)).classes("sj-break")
                            moment(at)


def not_taken_in(seen: Seen) -> None:
    """The journeys that called them and did not take them in, with the reason."""
    if not seen.turned_away:
        return
    with card("Not taken in", "journeys that called them and did not let them come in"):
        for line in seen.turned_away:
            with ui.element("div").classes("sj-stay"):
                with ui.element("div").classes("sj-row"):
                    ui.link(line.title, f"/journeys/{line.journey}").classes("sj-strong")
                    moment(line.last_at)
                    if line.n > 1:
                        ui.label(f"{words.number(line.n)} times").classes("sj-soft")
                ui.label(sentence(line)).classes("sj-soft sj-break")


def walk_words(steps: Sequence[tuple[str, str]], graph: JourneyGraph) -> str:
    """A walk as a line: the titles of its steps, with the way taken where there was a choice."""
    said = []
    for key, port in steps:
        step = graph.ids[int(key)] if key.isdigit() and int(key) < len(graph.ids) else key
        node = graph.nodes.get(step)
        title = node.title if node else step
        labels = {way.name: way.label or way.name.replace("next", "") for way in node.ports()} if node else {}
        chosen = labels.get(port, "") if len(labels) > 1 else ""
        said.append(f"{title} ({chosen})" if chosen else title)
    return " → ".join(said) or "came in"


def messages(seen: Seen) -> None:
    """The messages, the last first."""
    with card("Messages"):
        if not seen.messages:
            empty("mail", "No message so far", "What is sent to them, and what was held back and why, is listed here.")
            return
        table(("Message", "Status", "When", ""), [_row(line) for line in seen.messages])
        if any(line.status == "queued" and (line.reason or "").startswith(BROKEN) for line in seen.messages):
            button("Try again", lambda: _try_again(seen.contact.id), "restart_alt").props('data-mark="try-again"')


@permitted("edit")
async def _try_again(contact: int) -> None:
    """Messages set aside because of this contact's facts are asked for again."""
    now_ms = here().clock.now_ms()
    count = await here().db.awrite(lambda tx: held.try_again(tx, "letter", now_ms, contact_id=contact))
    ui.notify(f"{counted(count, 'message')} will be tried again in a moment.")


def _row(line: MessageLine) -> list[Any]:
    def status() -> None:
        with ui.element("div").classes("sj-row"):
            chip(line.status.replace("_", " "), TONES.get(line.status, ""))
            if line.clicked_at:
                ui.icon("ads_click").tooltip("clicked")
            elif line.opened_at:
                ui.icon("drafts").tooltip("opened")

    def letter() -> None:
        ui.label(plain(line.content)).classes("sj-strong")
        ui.label(line.title).classes("sj-soft")
        if line.status == "queued" and line.reason:  # why it waits, such as facts that do not fit the letter
            ui.label(line.reason).classes("sj-soft sj-break")

    return [letter, status, lambda: moment(line.sent_at or line.queued_at), lambda: why_button(line.id)]


def why_button(message_id: int) -> None:
    """Opens the chain of what was known and decided about a message."""

    @permitted("see")
    async def why() -> None:
        story = await here().db.aread(lambda tx: explain(tx, message_id))
        with ui.dialog() as dialog, ui.element("div").classes("sj-dialog is-large"):
            headline(dialog, "What was decided, from what was known then")
            with ui.element("div").classes("sj-timeline"):
                for sentence in story.words():
                    with ui.element("div").classes("sj-happened"):
                        ui.label(sentence).classes("sj-break")
            with ui.element("div").classes("sj-dialog-actions"):
                button("Close", dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()

    button("Why", why)
