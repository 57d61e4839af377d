"""The policy: what holds for all journeys together, in plain words; each part changed in a form, with its history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.policy import policies
from ...runtime.policy.past import STATUS_WORDS, Past, past, proposal
from ...runtime.policy.policy import NOTHING_SET, Policy
from ...runtime.policy.policy_names import hints
from ...runtime.policy.presets import presets
from ...runtime.policy.words import Section, sections
from ...storage.database import Tx
from ..auth import may, permitted
from ..frame import button, card, chip, here, moment, opened, stylesheet, sure, visitor
from .policy_change import Standing, change_list, replace
from .policy_forms import rules_of, single
from .policy_import import import_dialog
from .policy_test import test_card

LEAD = "Who may hear from us, how often, and when: for all journeys together. Every message is held against it."
SHOWN = 20  # versions


@ui.page("/policy", title="Policy · Sojourn")
@permitted("see")
async def policy() -> None:
    """What applies, what waits, what was; and a way to ask about one person at one moment."""
    who, known = await visitor()
    stylesheet("policy.css")

    def read(tx: Tx) -> tuple[Standing, Past | None, str | None, list[Past], list[str]]:
        applies, digest, waiting = policies.current(tx), policies.current_hash(tx), proposal(tx)
        base = waiting.policy if waiting else applies
        refusal = policies.why_not(tx, policies.found(tx, waiting.number), who.email) if waiting else None
        at = Standing(applies, digest, base, policies.four_eyes(tx))
        return at, waiting, str(refusal) if refusal else None, past(tx, SHOWN), hints(tx, applies)

    at, waiting, refusal, before, said = await here().db.aread(read)
    editable = may(who, "settings")
    with opened("Policy", who, known, "Policy", LEAD) as actions:
        with actions:
            button("Write to a file", lambda: ui.download("/policy/policy.yaml"), "download")
            if editable:
                button("Read from a file", partial(import_dialog, at), "upload")
        with ui.element("div").classes("sj-columns"):
            with ui.element("div").classes("sj-stack"):
                if waiting:
                    _waiting(waiting, refusal, who.email)
                if not before and editable:
                    _beginnings(at)
                for sentence in said:
                    with ui.element("div").classes("sj-finding"):
                        ui.icon("info").classes("is-warn")
                        ui.label(sentence).classes("sj-break")
                for section in sections(at.applies):
                    _section(section, at, editable)
            with ui.element("div").classes("sj-stack"):
                test_card()
                if before and editable:
                    _beginnings(at)
                _history(before, at, editable)


# ── what applies ──────────────────────────────────────────────────────────────────────────────────────


def _section(section: Section, at: Standing, editable: bool) -> None:
    with card(section.title) as box:
        box.props["data-section"] = section.key
        rules = rules_of(section.key, at)
        if not section.sentences:
            ui.label(section.nothing).classes("sj-soft sj-break")
        for place, sentence in enumerate(section.sentences):
            with ui.element("div").classes("sj-policy-rule"):
                ui.icon(section.icon).props("aria-hidden=true")
                ui.label(sentence).classes("sj-break sj-grow")
                if editable and place < len(rules.edits) and at.base == at.applies:
                    _deeds(rules.edits[place], rules.removals[place], sentence)
        if editable:
            with ui.element("div").classes("sj-row"):
                for label, deed in (*rules.additions, *single(section.key, at)):
                    button(label, deed, "add" if label.startswith("Add") else "edit")


def _deeds(edit: Callable[[], Any], remove: Callable[[], Any], sentence: str) -> None:
    for icon, word, deed in (("edit", "Change", edit), ("close", "Remove", remove)):
        made = ui.button(icon=icon, on_click=deed, color=None).props("flat dense round").classes("sj-icon-button")
        made.props["aria-label"] = f"{word}: {sentence}"


def _beginnings(at: Standing) -> None:
    lead = "it takes the place of what applies, and every part can be changed afterwards"
    with card("Start from", lead), ui.element("div").classes("sj-policy-presets"):
        for preset in presets():
            with ui.element("div").classes("sj-policy-preset"):
                ui.label(preset.title).classes("sj-strong")
                ui.label(preset.description).classes("sj-soft sj-break")
                button("Look at it", partial(replace, at, preset.title, preset.policy), "visibility")


# ── what waits, and what was ──────────────────────────────────────────────────────────────────────────


def _waiting(waiting: Past, refusal: str | None, mine: str) -> None:
    with card("A change waits for somebody to agree") as box:
        box.props["data-mark"] = "waiting"
        with ui.element("div").classes("sj-row"):
            ui.icon("how_to_reg")
            ui.label(f"{waiting.author} asked").classes("sj-strong sj-break")
            moment(waiting.at_ms)
        if waiting.note:
            ui.label(waiting.note).classes("sj-break sj-note-text")
        change_list(waiting.changes)
        if refusal:
            with ui.element("div").classes("sj-finding"):
                ui.icon("block").classes("is-warn")
                ui.label(refusal).classes("sj-break")
        with ui.element("div").classes("sj-row"):
            if waiting.author == mine:
                button("Take it back", lambda: _answer(waiting, False), "undo")
            elif refusal is None:
                button("Decline", lambda: _answer(waiting, False), "undo")
            if refusal is None:
                button("Agree", lambda: _answer(waiting, True), "check", "main")


@permitted("see")
async def _answer(waiting: Past, yes: bool) -> None:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Tx) -> None:
        if yes:
            policies.agree(tx, waiting.number, who.email, waiting.content_hash, now_ms)
        else:
            policies.decline(tx, waiting.number, who.email, now_ms)

    try:
        await here().db.awrite(job)
    except policies.PolicyRefused as refusal:
        ui.notify(str(refusal), type="warning", multi_line=True)
        return
    ui.navigate.to("/policy")


def _history(before: list[Past], at: Standing, editable: bool) -> None:
    with card("History", "every version, with what it changed"):
        if not before:
            ui.label("Nothing was set yet.").classes("sj-soft")
        for each in before:
            with ui.element("details").classes("sj-policy-past"):
                with ui.element("summary").classes("sj-row"):
                    ui.label(f"Version {each.number}").classes("sj-strong")
                    chip(STATUS_WORDS.get(each.status, each.status), "good" if each.status == "in_force" else "")
                    moment(each.at_ms)
                decided = f", {each.decided_by} decided" if each.decided_by else ""
                ui.label(f"By {each.author}{decided}.").classes("sj-soft sj-break")
                if each.note:
                    ui.label(each.note).classes("sj-break sj-note-text")
                change_list(each.changes)
                if editable and each.policy != at.applies:
                    button("Bring it back", partial(replace, at, f"Version {each.number} again", each.policy), "undo")
        if before and editable and at.applies != NOTHING_SET:
            button("Take all rules away", partial(_clear, at), "delete", "danger")


@permitted("settings")
async def _clear(at: Standing) -> None:
    told = "No caps, no hours, no cool-downs; the history stays. With four eyes somebody has to agree first."
    if await sure("Take all rules away?", told, "Go on", kind="danger"):
        await replace(at, "Without rules", Policy.model_validate({}))
