"""Segments to start from, kind by kind: what each means, what it needs, and whether this instance has that."""

from __future__ import annotations

from nicegui import ui

from ...runtime import presets
from ...runtime.features import measures
from ...runtime.presets import Preset
from ...runtime.segment_needs import Need, needs, there
from ...runtime.segment_words import sentence
from ...runtime.segments import KINDS, SegmentProblem
from ...storage import users
from ...storage.database import Tx
from ..auth import Who, may, permitted
from ..frame import button, empty, here, opened, stylesheet, visitor
from .segment_parts import address, fill_soon

LEAD = "Each is ready to use, and can be changed like any other once it is yours."
KINDS_OF_NEED = {"event": "Event", "property": "Property", "topic": "Topic", "segment": "Segment", "journey": "Journey"}


@ui.page("/segments/presets", title="Segments to start from · Sojourn")
@permitted("see")
async def segment_gallery() -> None:
    """All presets, with a search."""
    who, known = await visitor()
    wanted, seen, here_already = await here().db.aread(_read)
    with opened("Segments", who, known, "Segments to start from", LEAD) as actions:
        stylesheet("gallery.css")
        stylesheet("segments.css")
        with actions:
            search = ui.input(placeholder="Search presets").classes("sj-search")
            search.props('outlined dense clearable debounce="200" aria-label="Search presets"')

        @ui.refreshable
        def listing() -> None:
            asked = (search.value or "").lower().split()
            found = [each for each in presets.presets() if all(word in _searched(each) for word in asked)]
            for kind, title in KINDS.items():
                members = [each for each in found if each.kind == kind]
                if members or (kind == "predictive" and not asked):
                    with ui.element("section").classes("sj-gallery-group is-presets"):
                        ui.label(title).classes("sj-group-title").props('role="heading" aria-level="2"')
                        with ui.element("div").classes("sj-gallery"):
                            for each in members:
                                _card(each, wanted[each.name], seen, each.name in here_already, who)
                        if not members:
                            ui.label(presets.LATER).classes("sj-soft")
            if not found:
                empty("search_off", "No preset matches", "Try a word like loyal, cart or inactive.")

        listing()
        search.on_value_change(listing.refresh)


def _read(tx: Tx) -> tuple[dict[str, list[Need]], set[Need], set[str]]:
    definitions = measures.load(tx)
    wanted = {each.name: needs(each.written["rule"], definitions) for each in presets.presets()}
    return wanted, there(tx, {need for each in wanted.values() for need in each}), presets.there(tx)


def _card(preset: Preset, wanted: list[Need], seen: set[Need], there_already: bool, who: Who) -> None:
    @permitted("edit")
    async def add() -> None:
        actor, _ = await visitor()
        at = here()
        now_ms = at.clock.now_ms()

        def job(tx: Tx) -> str:
            name = presets.add(tx, preset.name, actor.email, now_ms).name
            users.note(tx, actor.email, "segment added", name, now_ms)
            return name

        try:
            name = await at.db.awrite(job)
        except SegmentProblem as problem:
            ui.notify(str(problem), type="warning", multi_line=True)
            return
        fill_soon(name)
        ui.navigate.to(address(name))

    with ui.element("article").classes("sj-book") as card, ui.element("div").classes("sj-book-words"):
        card.props["data-preset"] = preset.name
        ui.label(preset.title).classes("sj-card-title").props('role="heading" aria-level="3"')
        ui.label(preset.description).classes("sj-soft")
        ui.label(sentence(preset.written["rule"])).classes("sj-segment-rule")
        if wanted:
            with ui.element("div").classes("sj-needs").props('role="group" aria-label="What it needs"'):
                for need in wanted:
                    _need(need, need in seen)
        with ui.element("div").classes("sj-book-actions"):
            if there_already:
                button("Open", lambda: ui.navigate.to(address(preset.name)))
            elif may(who, "edit"):
                button("Use this", add, kind="main")
                button("Change first", lambda: ui.navigate.to(f"/segments/new?preset={preset.name}"))


def _need(need: Need, here_already: bool) -> None:
    with ui.element("span").classes("sj-need" + (" is-here" if here_already else "")) as made:
        ui.icon("check_circle" if here_already else "radio_button_unchecked")
        ui.label(need.words)
    said = "seen here" if here_already else "not seen here yet, so nobody would be in it"
    made.props["title"] = f"{KINDS_OF_NEED[need.kind]}: {said}"
    with made:
        ui.label(f"({said})").classes("sj-unseen")


def _searched(preset: Preset) -> str:
    return " ".join((preset.title, preset.description, preset.name, KINDS[preset.kind], preset.words())).lower()
