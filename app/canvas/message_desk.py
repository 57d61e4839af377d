"""Writing a message that is no letter: its form on one side, what a real contact would see on the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ...nodes.sending import medium_of
from ...runtime.channels.channel import media
from ...runtime.content.brand import Brand
from ...runtime.content.issues import Issue
from ...runtime.content.proof import Proof
from ...runtime.letter_facts.previews import proof_for
from ...storage.handover import Filling
from ..auth import permitted
from . import asking
from .desk import Desk
from .form.field import fields_of
from .form.form import Form
from .letter_proof import filled_for, is_marketing
from .letter_variables import Variables
from .message_cost import cost_words
from .message_picture import medium_icon, medium_label, picture
from .onlooker import Onlooker

SHORTLY_S = 0.15


class MessageDesk:
    """One message in a window of its own."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        self._client = context.client
        self._medium = medium_of(self._message)
        self._filling: tuple[int | None, Filling | None, Brand] | None = None
        self._waiting: asyncio.Task[None] | None = None
        with ui.dialog(value=True).props("maximized no-backdrop-dismiss transition-duration=0") as self._dialog:
            self._dialog.props["aria-label"] = self._name
            self._dialog.on("hide", self._close)
            with ui.element("div").classes("sj-proof").props('data-mark="message-editor"'):
                self._head()
                with ui.element("div").classes("sj-proof-source"):
                    self._source()
                with ui.element("div").classes("sj-proof-sight"):
                    self._sight()
        self._again()

    @property
    def _message(self) -> dict[str, Any]:
        return (self._desk.room.content.get("letters") or {}).get(self._name) or {}

    def refresh(self) -> None:
        """The message was changed: by this hand, or by somebody else's."""
        if self._dialog.is_deleted:
            return
        if not self._message:
            self._dialog.close()
            ui.notify(f"The message {self._name} was deleted.", type="warning")
            return
        self._form.refresh()
        self._again()

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────

    def _head(self) -> None:
        with ui.element("div").classes("sj-proof-head"):
            ui.icon(medium_icon(self._medium)).classes("sj-soft")
            ui.label(self._name).classes("sj-card-title sj-clip").props('role="heading" aria-level="2"')
            ui.label(medium_label(self._medium)).classes("sj-soft")
            ui.element("div").classes("sj-grow")
            self._state = ui.label("").classes("sj-form-help").props('role="status"')
            close = ui.button(icon="close", on_click=self._dialog.close, color=None)
            close.props('flat round dense aria-label="Close the message"').classes("sj-icon-button")

    def _source(self) -> None:
        model = media()[self._medium].form
        with ui.element("div").classes("sj-proof-line"):
            ui.label("What it says").classes("sj-form-label sj-grow")
            if self._desk.may_edit:
                Variables(self._desk, self._insert)
        self._form = Form(model, self._said, asking.around(self._desk), self._hand)
        self._form.fields.watch(lambda _names: self._again())
        main = next((field.name for field in fields_of(model) if field.name in ("text", "letter", "body")), "")
        self._form.place.props["data-main"] = main
        self._form.place.on(
            "focusin", js_handler="(e) => { if (e.target.matches('input, textarea')) window.sojournField = e.target }"
        )
        with ui.element("div").classes("sj-proof-issues").props('role="status" data-mark="issues"') as self._issues:
            pass

    def _sight(self) -> None:
        with ui.element("div").classes("sj-proof-line"):
            self._who = Onlooker(self._desk, self._again)
        with ui.element("div").classes("sj-sight-frame").props('aria-label="How it looks" role="group"') as self._place:
            pass
        with ui.element("div").classes("sj-sight-cost").props('role="status" data-mark="cost"') as self._cost:
            pass
        self._missing = ui.label("").classes("sj-form-help")

    def _insert(self, written: str) -> None:
        """At the cursor of the field that was written in last, else at the end of the main one."""
        ui.run_javascript(
            f"const form = getElement({self._form.place.id});"
            'const main = form.querySelector(`[data-input="${form.dataset.main}"] textarea,'
            ' [data-input="${form.dataset.main}"] input`);'
            "const last = window.sojournField;"
            "const field = last && form.contains(last) ? last : main || form.querySelector('textarea, input');"
            "const at = field.selectionStart ?? field.value.length, to = field.selectionEnd ?? at;"
            f"field.setRangeText({json.dumps(written)}, at, to, 'end');"
            "field.dispatchEvent(new Event('input', {bubbles: true})); field.focus()"
        )

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────

    def _said(self) -> dict[str, Any]:
        return {key: value for key, value in self._message.items() if key != "medium"}

    async def _hand(self, said: dict[str, Any]) -> str | None:
        refused: list[str] = []

        @permitted("edit")
        async def submit() -> None:
            message = {"medium": self._medium, **said}
            answer = self._desk.submit({"op": "journey", "letters": {self._name: message}})
            if not answer.ok:
                refused.append(answer.error or "")

        if self._message:
            await submit()
        return refused[0] if refused else None

    async def _close(self) -> None:
        await self._form.flush()
        self._dialog.delete()

    # ── seeing ────────────────────────────────────────────────────────────────────────────────────────

    def _again(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._look(), name="a message is looked at", context=self._client)

    async def _look(self) -> None:
        await asyncio.sleep(SHORTLY_S)
        contact = self._who.contact
        if self._filling is None or self._filling[0] != contact:
            room = self._desk.room
            found = await filled_for(self._desk.instance, room.name, room.content, contact)
            self._filling = (contact, *found)
            await self._who.say_who()
        _, filling, brand = self._filling
        message = {"medium": self._medium, **self._form.fields.settings}
        marketing = is_marketing(self._desk.room.content)
        proof = await asyncio.to_thread(proof_for, self._desk.instance, message, filling, brand, marketing)
        if not self._dialog.is_deleted:
            self._show(proof, message, brand)

    def _show(self, proof: Proof, message: Mapping[str, Any], brand: Brand) -> None:
        """The last version that worked stays in sight while something is wrong."""
        self._tell(proof.issues)
        if proof.rendered is None:
            return
        fields = {**message, **proof.rendered.fields}
        self._place.clear()
        with self._place:
            picture(self._medium, fields, brand.name)
        self._cost.clear()
        with self._cost:
            for sentence in cost_words(self._desk.instance, self._medium, fields):
                ui.label(sentence)
        missing = ", ".join(proof.rendered.missing)
        self._missing.text = f"Not known of them, so left empty: {missing}." if missing else ""

    def _tell(self, issues: tuple[Issue, ...]) -> None:
        self._state.text = f"{len(issues)} to fix" if issues else "Ready"
        self._issues.clear()
        with self._issues:
            for issue in issues[:20]:
                with ui.element("div").classes("sj-proof-issue"):
                    ui.label("")
                    ui.label(issue.text)
