"""The dialog that changes one part of the policy: a form, what it would change, what it would have meant lately."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context
from pydantic import BaseModel

from ...nodes.labels import subject
from ...runtime.policy import policies, policy_file
from ...runtime.policy.effect import effect
from ...runtime.policy.policy import Policy
from ...runtime.policy.policy_file import PolicyProblem
from ...runtime.policy.words import Change, difference
from ..auth import permitted
from ..canvas.asking import Asking
from ..canvas.form.around import Around
from ..canvas.form.fields import Fields
from ..canvas.form.form import faults
from ..frame import button, headline, here, stylesheet, visitor

SHORTLY_S = 0.4
Put = Callable[[dict[str, Any], dict[str, Any]], None]
"""Writes what a form says into a policy as it is written."""
Made = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a change is made on: the policy that applies, its hash, and a change of it that waits already."""

    applies: Policy
    digest: str
    base: Policy
    four_eyes: bool


@permitted("settings")
async def change(
    at: Standing, title: str, model: type[BaseModel], settings: Mapping[str, Any], put: Put, made: Made = dict
) -> None:
    """Open the dialog. ``made`` is what the form says, made ready to be read."""
    stylesheet("forms.css")
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, title)
        _Dialog(dialog, at, model, settings, put, made)


@permitted("settings")
async def replace(at: Standing, title: str, policy: Policy) -> None:
    """Ask before a whole policy comes in the place of the one that applies."""
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, title)
        place = ui.element("div").classes("sj-stack")
        await _show(place, at, policy)
        _ending(dialog, at, lambda: policy)


class _Dialog:
    def __init__(
        self,
        dialog: ui.dialog,
        at: Standing,
        model: type[BaseModel],
        settings: Mapping[str, Any],
        put: Put,
        made: Made,
    ) -> None:
        self._at, self._model, self._put, self._made = at, model, put, made
        self._client, self._waiting = context.client, None
        self._policy: Policy | None = None
        asking = Asking(here())
        around = Around(inside=False, events=asking.events, topics=asking.topics, journeys=asking.journeys)
        with ui.element("div").classes("sj-form"):
            self._fields = Fields(model, dict(settings), around, self._edited)
        self._wrong = ui.label("").classes("sj-problem sj-break").props('role="alert"')
        self._would = ui.element("div").classes("sj-stack").props('aria-live="polite" data-mark="would"')
        self._save = _ending(dialog, at, self._read)

    def _edited(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._shortly(), name="a policy is looked at", context=self._client)

    async def _shortly(self) -> None:
        await asyncio.sleep(SHORTLY_S)
        policy = self._read()
        self._would.clear()
        if policy is not None:
            await _show(self._would, self._at, policy)

    def _read(self) -> Policy | None:
        """The whole policy as it would be; None while something is wrong, which is then said."""
        found = list(faults(self._model, self._made(dict(self._fields.settings))))
        rest = self._fields.complain(found)
        said = [f"{subject(self._model, place) or 'This'} {text}." for place, text in rest]
        policy = None
        if not found:
            document = self._at.base.written()
            self._put(document, self._made(dict(self._fields.settings)))
            try:
                policy = policy_file.checked(document)
            except PolicyProblem as problem:
                said = problem.sentences
        self._wrong.text = " ".join(said)
        return policy


def _ending(dialog: ui.dialog, at: Standing, read: Callable[[], Policy | None]) -> None:
    note = ui.input("Why (kept with the version)").props('outlined dense maxlength="500"').classes("sj-field")
    wrong = ui.label("").classes("sj-problem sj-break").props('role="alert"')

    @permitted("settings")
    async def save() -> None:
        policy = read()
        if policy is None:
            return
        who, _ = await visitor()
        now_ms, why = here().clock.now_ms(), str(note.value or "")
        try:
            await here().db.awrite(lambda tx: policies.propose(tx, policy, who.email, now_ms, why, at.digest))
        except (policies.PolicyRefused, PolicyProblem) as refusal:
            wrong.text = str(refusal)
            return
        dialog.close()
        ui.navigate.to("/policy")

    with ui.element("div").classes("sj-dialog-actions"):
        button("Cancel", dialog.close)
        button("Ask for agreement" if at.four_eyes else "Save", save, kind="main").props('data-mark="save-policy"')


async def _show(place: Any, at: Standing, policy: Policy) -> None:
    """What would change, and what it would have meant."""
    now_ms = here().clock.now_ms()
    changes = await asyncio.to_thread(difference, at.applies, policy)
    meant = await here().db.aread(lambda tx: effect(tx, policy, now_ms))
    if place.is_deleted:
        return
    place.clear()
    with place:
        change_list(changes)
        with ui.element("div").classes("sj-finding"):
            ui.icon("history")
            ui.label(meant.sentence).classes("sj-break").props('data-mark="effect"')


def change_list(changes: list[Change] | tuple[Change, ...]) -> None:
    """What is said no longer, and what is said anew."""
    if not changes:
        ui.label("Nothing changes.").classes("sj-soft")
    for each in changes:
        with ui.element("div").classes("sj-policy-change"):
            ui.label(each.title).classes("sj-strong")
            for icon, word, sentences in (("remove", "No longer", each.gone), ("add", "New", each.new)):
                for sentence in sentences:
                    with ui.element("div").classes(f"sj-policy-line is-{icon}"):
                        ui.icon(icon).props("aria-hidden=true")
                        ui.label(f"{word}: {sentence}").classes("sj-break")
