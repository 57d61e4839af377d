"""Consent: the topics people can agree to, in their languages, and how many said what; the ledger's own proof."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...nodes.slug import SLUG_WORDS, is_slug
from ...runtime.numbers import counted
from ...runtime.policy.basis import BASES
from ...storage import consent_chain, consent_views, users
from ...storage import topics as rows
from ...storage.consent_views import Tally
from ...storage.database import Tx
from ...storage.topics import Topic
from ..auth import may, permitted
from ..frame import button, card, chip, empty, headline, here, opened, sure, table, visitor
from ..public_words import LANGUAGES, Words

CHANNELS = {"email": "E-mail", "sms": "Text message", "push": "Push", "web_push": "Web push", "whatsapp": "WhatsApp"}
AUDIENCES = {"": "Everybody", "b2c": "People for themselves", "b2b": "People at their companies"}
NUMBERS = ("Agreed", "Said no", "Withdrawn", "Not known")
LEAD = "What people can agree to, and who did. Marketing goes to nobody whose yes is not known."


@ui.page("/consent", title="Consent · Sojourn")
@permitted("see")
async def consent() -> None:
    """The topics with their counts."""
    who, known = await visitor()
    editable = may(who, "edit")

    @ui.refreshable
    async def listing() -> None:
        topics, tallies, stray = await here().db.aread(_read)
        for place, topic in enumerate(topics):
            _topic(topic, [one for one in tallies if one.topic == topic.name], place, len(topics))
        if stray:
            with card("Spoken of, but not set up", "A journey or a program uses them; nobody sees them on a page."):
                for name in stray:
                    with ui.element("div").classes("sj-row"):
                        ui.label(name).classes("sj-strong")
                        if editable:
                            button("Set up", lambda name=name: _edit(Topic(name=name), again, fresh=True), "add")

    def _topic(topic: Topic, tallies: list[Tally], place: int, count: int) -> None:
        with card(topic.said(known.language), topic.said(known.language, "description")) as box:
            box.props["data-topic"] = topic.name
            with ui.element("div").classes("sj-row"):
                chip(topic.name)
                chip(BASES.get(topic.legal_basis, topic.legal_basis))
                if topic.audience:
                    chip(AUDIENCES[topic.audience])
                missing = [one for one in LANGUAGES if not topic.words.get(one, {}).get("title")]
                if missing:
                    chip(f"no words in {', '.join(missing)}", "warn")
            table(
                ("Channel", *NUMBERS),
                [
                    [CHANNELS.get(t.channel, t.channel), *map(_grouped, (t.granted, t.denied, t.withdrawn, t.unknown))]
                    for t in tallies
                ],
                NUMBERS,
            )
            if editable:
                with ui.element("div").classes("sj-row"):
                    button("Edit", lambda: _edit(topic, again), "edit")
                    if place:
                        button("Up", lambda: move(place, place - 1), "arrow_upward")
                    if place < count - 1:
                        button("Down", lambda: move(place, place + 1), "arrow_downward")
                    if count > 1:
                        button("Archive", lambda: archive(topic), "archive")

    @permitted("see")
    async def again() -> None:
        await listing.refresh()

    @permitted("edit")
    async def move(place: int, to: int) -> None:
        def job(tx: Tx) -> None:
            order = rows.catalogue(tx)
            order.insert(to, order.pop(place))
            for position, one in enumerate(order):
                rows.keep(tx, one.model_copy(update={"position": position}))

        await here().db.awrite(job)
        await again()

    @permitted("edit")
    async def archive(topic: Topic) -> None:
        told = "It leaves the pages people see. What they said stays in the ledger, and journeys sent under it go on."
        if await sure(f"Archive {topic.said(known.language)}?", told, "Archive", kind="danger"):
            await _keep(topic.model_copy(update={"archived_at": here().clock.now_ms()}), "consent topic archived")
            await again()

    with opened("Consent", who, known, "Consent", LEAD) as actions:
        with actions:
            button("Check the ledger", _check, "verified_user")
            if editable:
                button("Add a topic", lambda: _edit(Topic(name=""), again, fresh=True), "add", kind="main")
        with ui.element("div").classes("sj-stack"):
            await listing()


def _read(tx: Tx) -> tuple[list[Topic], list[Tally], list[str]]:
    topics = rows.catalogue(tx)
    wanted = [(channel, topic.name) for topic in topics for channel in topic.channels]
    names = {topic.name for topic in rows.catalogue(tx, archived=True)}
    return topics, consent_views.tallies(tx, wanted), sorted(consent_views.spoken_of(tx) - names)


@permitted("see")
async def _check() -> None:
    found = await asyncio.to_thread(lambda: here().db.look(consent_chain.verify))
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "The ledger of consent")
        entries = counted(found.entries, "entry", "entries")
        if not found.entries:
            empty("verified_user", "Nothing is written yet", "Every yes and no is chained to the one before it.")
        elif found.breaks:
            ui.label(f"{len(found.breaks)} of {entries} are not as they were written:").classes("sj-soft")
            for one in found.breaks[:20]:
                ui.label(f"Entry {one.entry} of contact {one.contact_id}: {one.text}").classes("sj-break")
        else:
            people = counted(found.contacts, "person", "people")
            ui.label(f"{entries} of {people}, each chained to the one before it: nothing was changed.")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)


async def _edit(topic: Topic, again: Any, fresh: bool = False) -> None:
    """The dialog of a topic; its short name stays once it is there."""
    said: dict[tuple[str, str], Any] = {}
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "A topic people can agree to")
        name = ui.input("Short name, as journeys name it", value=topic.name).props("outlined dense maxlength=64")
        name.classes("sj-field").set_enabled(fresh and not topic.name)
        for language in LANGUAGES:
            spoken = Words(language)("language_name")
            for field, label in (("title", "Title"), ("description", "What it brings them")):
                made = ui.input(f"{label} · {spoken}", value=topic.words.get(language, {}).get(field, ""))
                said[language, field] = made.props("outlined dense maxlength=300").classes("sj-field")
        channels = ui.select(CHANNELS, value=topic.channels, multiple=True, label="Channels")
        basis = ui.select(BASES, value=topic.legal_basis, label="Why you may write to them")
        audience = ui.select(AUDIENCES, value=topic.audience, label="Shown to")
        for made in (channels, basis, audience):
            made.props("outlined dense").classes("sj-field")
        wrong = ui.label("").classes("sj-problem").props('role="alert"')

        @permitted("edit")
        async def save() -> None:
            words = {
                language: {f: said[language, f].value.strip() for f in ("title", "description")}
                for language in LANGUAGES
                if said[language, "title"].value.strip()
            }
            short = (name.value or "").strip()
            wrong.text = ""
            if not is_slug(short):
                wrong.text = f"The short name has to be {SLUG_WORDS}."
            elif not words:
                wrong.text = "Give it a title in one language at least."
            elif not channels.value:
                wrong.text = "Choose a channel it comes by."
            elif fresh and await here().db.aread(lambda tx: rows.named(tx, short)):
                wrong.text = "There is a topic of that name already, perhaps an archived one."
            if wrong.text:
                return
            chosen = {"channels": list(channels.value), "legal_basis": basis.value, "audience": audience.value}
            await _keep(topic.model_copy(update={"name": short, "words": words, **chosen}), "consent topic")
            dialog.close()
            await again()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save", save, kind="main")


async def _keep(topic: Topic, what: str) -> None:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Tx) -> None:
        rows.keep(tx, topic)
        users.note(tx, who.email, what, topic.name, now_ms, {"channels": topic.channels, "basis": topic.legal_basis})

    await here().db.awrite(job)


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\u2009")
