"""One contact: who they are, what they did, which journeys they were in, what was sent and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...runtime.explain import explain
from ...storage import views
from ...storage.database import Tx
from ...storage.views import ContactLine, MessageLine, Stay
from .. import words
from ..auth import permitted
from ..frame import button, card, chip, empty, frame, headline, here, moment, opened, table, visitor
from .journey import expects, where

TONES = {"sent": "good", "failed": "bad", "in_doubt": "warn", "skipped": ""}


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the page shows, read in one snapshot."""

    contact: ContactLine
    identities: Sequence[tuple[str, str, int]]
    consents: Sequence[tuple[int, str, str, str, str]]
    suppressions: Sequence[tuple[str, str, str]]
    events: Sequence[tuple[int, int, str, int, dict[str, Any]]]
    stays: Sequence[Stay]
    walks: dict[int, list[tuple[int, list[tuple[str, str]]]]]
    contents: dict[int, dict[str, Any]]
    messages: Sequence[MessageLine]


@ui.page("/contacts/{contact_id}", title="Contact · Sojourn")
@permitted("see")
async def contact(contact_id: int) -> None:
    """The contact of this number."""
    who, known = await visitor()
    seen = await here().db.aread(lambda tx: read(tx, contact_id))
    if seen is None:
        with frame("Contacts", who, known):
            empty("person_off", "There is no such contact", "They may have been erased. The list has everybody.")
        return
    lead = seen.contact.email or seen.contact.external_id or ""
    with opened("Contacts", who, known, words.title_of(seen.contact), lead):
        _standing(seen)
        with ui.element("div").classes("sj-columns"):
            with ui.element("div").classes("sj-stack"):
                with card("Journeys"):
                    _stays(seen)
                with card("Messages"):
                    _messages(seen)
            with ui.element("div").classes("sj-stack"):
                _profile(seen)
                with card("Events", "the last to arrive first"):
                    _events(seen)


def read(tx: Tx, contact_id: int) -> Seen | None:
    """One snapshot of a contact; somebody merged into another leads to the other."""
    found = views.contact(tx, contact_id)
    if found and found.merged_into:
        found = views.contact(tx, found.merged_into)
    if found is None:
        return None
    stays = views.stays(tx, found.id, limit=20)
    addresses = [address for address in (found.email, found.phone) if address]
    return Seen(
        found,
        views.identities(tx, found.id),
        views.consents(tx, found.id),
        views.suppressions(tx, addresses),
        views.events(tx, contact_id=found.id, limit=40),
        stays,
        {stay.id: views.walks(tx, stay.id) for stay in stays},
        {version: views.content_of(tx, version) for version in {stay.version_id for stay in stays}},
        views.messages_of(tx, found.id),
    )


def _standing(seen: Seen) -> None:
    """What keeps us from writing to them."""
    for address, channel, reason in seen.suppressions:
        with ui.element("div").classes("sj-notice"):
            ui.icon("block")
            ui.label(f"Nothing is sent to {address} by {channel or 'any channel'}: {reason}.")
    if seen.contact.erased_at:
        with ui.element("div").classes("sj-notice"):
            ui.icon("delete")
            ui.label("This contact was erased.")


def _profile(seen: Seen) -> None:
    person = seen.contact
    with card("Profile"), ui.element("div").classes("sj-pairs"):
        for kind, value, _ in seen.identities:
            _pair(kind, value)
        for key, value in sorted(person.properties.items()):
            _pair(key, words.shown(value))
        ui.label("first seen")
        moment(person.created_at)
        for at, channel, topic, action, source in seen.consents[:8]:
            ui.label(f"{channel} {topic}")
            with ui.element("div").classes("sj-row"):
                chip(action, "good" if action == "granted" else "warn")
                ui.label(f"by {source}").classes("sj-soft")
                moment(at)


def _pair(label: str, value: str) -> None:
    ui.label(label)
    ui.label(value)


def _events(seen: Seen) -> None:
    if not seen.events:
        empty("bolt", "No event yet", "What they do appears here as it arrives.")
        return
    with ui.element("div").classes("sj-timeline"):
        for _, _, name, at, properties in seen.events:
            with ui.element("div").classes("sj-happened"):
                ui.label(name).classes("sj-break sj-strong")
                moment(at)
                if properties:
                    ui.label(words.shown(properties)).classes("sj-soft")


def _stays(seen: Seen) -> None:
    if not seen.stays:
        empty("route", "In no journey so far", "When one takes them in, every step they take is listed here.")
        return
    for stay in seen.stays:
        graph = JourneyGraph(seen.contents[stay.version_id])
        with ui.element("div").classes("sj-stay"):
            with ui.element("div").classes("sj-row"):
                ui.link(stay.title, f"/journeys/{stay.journey}").classes("sj-strong")
                chip("left" if stay.ended_at else "inside", "" if stay.ended_at else "good")
                ui.label(f"since {words.ago(stay.entered_at, here().clock.now_ms())}").classes("sj-soft")
            if stay.ended_at:
                ui.label(f"Left: {stay.reason or 'end'}.").classes("sj-soft")
            else:
                ui.label(f"At “{where(stay, graph)}”, next: {expects(stay)}.").classes("sj-soft sj-break")
            with ui.element("div").classes("sj-walk sj-timeline"):
                for at, steps in seen.walks[stay.id]:
                    with ui.element("div").classes("sj-happened"):
                        ui.label(walk_words(steps, graph)).classes("sj-break")
                        moment(at)


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


def _messages(seen: Seen) -> None:
    if not seen.messages:
        empty("mail", "No message so far", "What is sent to them, and what was held back and why, is listed here.")
        return

    def row(line: MessageLine) -> list[Any]:
        def status() -> None:
            with ui.element("div").classes("sj-row"):
                chip(line.status.replace("_", " "), TONES.get(line.status, ""))
                if line.clicked_at:
                    ui.icon("ads_click").tooltip("clicked")
                elif line.opened_at:
                    ui.icon("drafts").tooltip("opened")

        def letter() -> None:
            ui.label(line.content).classes("sj-strong")
            ui.label(line.title).classes("sj-soft")

        return [letter, status, lambda: moment(line.sent_at or line.queued_at), lambda: why_button(line.id)]

    table(("Message", "Status", "When", ""), [row(line) for line in seen.messages])


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
