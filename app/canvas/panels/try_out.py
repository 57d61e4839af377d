"""Try: one real contact walks through the draft, its path is lit, and every step says why. Nothing is sent or kept."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import Any

from nicegui import ui

from ....runtime import trial_letters
from ....runtime.content.brand import Brand
from ....runtime.trial import CannotTry, Start, Step, Trial
from ....runtime.trial_letters import Shown
from ....runtime.try_out import starts, try_out
from ....storage import journeys, trials, views
from ....storage.database import Tx
from ....storage.views import ContactLine
from ... import words
from ...auth import permitted
from ...frame import button, empty, settings, stylesheet
from ..desk import Desk, Panel
from ..message_picture import medium_icon, medium_label, picture
from ..trial_path import CHOICES, overlay, told

FOUND = 6  # contacts offered at once
LETTER_HEAD = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data: https: http:; '
    'style-src \'unsafe-inline\'; font-src https: data:"><base target="_blank">'
)
"""A draft's letter is whatever somebody typed: no script, no form, and an origin of its own."""

log = logging.getLogger("sojourn.canvas")


class TryPanel:
    """What is asked on top, the path below."""

    def __init__(self, desk: Desk) -> None:
        self._brand = ""
        self._desk = desk
        self._contact: ContactLine | None = None
        self._starts: list[Start] = []
        self._choices: dict[str, str] = {}
        self._lit = False
        stylesheet("try.css")
        stylesheet("messages.css")
        with ui.element("div").classes("sj-try").props('data-mark="try"'):
            self._who = ui.element("div").classes("sj-try-who")
            self._start = ui.select({}, label="Comes in by", on_change=self._sample).props("outlined dense")
            self._start.set_visibility(False)
            self._given = ui.textarea("Properties of the event").classes("sj-mono")
            self._given.props('outlined dense autogrow spellcheck="false" data-mark="try-properties"')
            self._given.set_visibility(False)
            self._whose = ui.label("").classes("sj-soft")
            with ui.element("div").classes("sj-row"):
                self._go = button("Try it", self._begin, "play_arrow", "main").props('data-mark="try-go"')
                self._clear = button("Clear the path", self._forget)
                self._clear.set_visibility(False)
            self._result = ui.element("div").classes("sj-try-result").props('aria-live="polite"')
        self._ask_who()
        desk.on_change(lambda _: self._changed())

    # ── who ───────────────────────────────────────────────────────────────────────────────────────────

    def _ask_who(self) -> None:
        self._contact = None
        self._go.disable()
        self._who.clear()
        with self._who:
            search = ui.input("Who", placeholder="Name or address").props(
                'outlined dense debounce="250" autocomplete="off" data-mark="try-search"'
            )
            found = ui.element("div").classes("sj-try-found")

            @permitted("see")
            async def look() -> None:
                asked = str(search.value or "")[:200]
                lines = await self._desk.instance.db.aread(lambda tx: views.contact_lines(tx, asked, limit=FOUND))
                found.clear()
                with found:
                    for line in lines:
                        self._offer(line)
                    if not lines:
                        ui.label("Nobody like that.").classes("sj-soft")

            search.on_value_change(look)
            ui.timer(0, look, once=True)

    def _offer(self, line: ContactLine) -> None:
        choose = ui.element("button").classes("sj-try-person").props('type="button" data-mark="try-contact"')
        with choose.on("click", lambda: self._choose(line), args=[]):
            ui.label(words.title_of(line)).classes("sj-strong sj-clip")
            ui.label(line.email or line.external_id or "").classes("sj-soft sj-clip")

    @permitted("see")
    async def _choose(self, line: ContactLine) -> None:
        self._contact, self._choices = line, {}
        self._who.clear()
        with self._who, ui.element("div").classes("sj-try-chosen"):
            ui.icon("person")
            with ui.element("div").classes("sj-try-name"):
                ui.label(words.title_of(line)).classes("sj-strong sj-clip")
                ui.label(line.email or line.external_id or "").classes("sj-soft sj-clip")
            ui.button("Change", on_click=self._ask_who, color=None).props("flat dense no-caps")
        self._go.enable()
        await self._ways_in()

    # ── how they come in ──────────────────────────────────────────────────────────────────────────────

    async def _ways_in(self) -> None:
        content = self._desk.room.content
        try:
            self._starts = await asyncio.to_thread(starts, content)
        except CannotTry as problem:
            self._say(str(problem))
            return
        options = {start.node: start.title + (f" ({start.event})" if start.event else "") for start in self._starts}
        self._start.set_options(options, value=next(iter(options), None))
        self._start.set_visibility(len(options) > 1)
        await self._sample()

    @permitted("see")
    async def _sample(self) -> None:
        event, contact = self._event(), self._contact
        self._given.set_visibility(event is not None)
        self._whose.set_visibility(event is not None)
        if event is None or contact is None:
            return
        known = await self._desk.instance.db.aread(lambda tx: trials.sample(tx, contact.id, event))
        self._given.value = json.dumps(known.properties if known else {}, indent=2, ensure_ascii=False)
        self._given.props["label"] = f"Properties of {event}"
        if known is None:
            self._whose.text = "Nobody has done this yet: write what it would carry."
        else:
            self._whose.text = "As they last did it." if known.theirs else "As somebody else last did it."

    def _event(self) -> str | None:
        return next((start.event for start in self._starts if start.node == self._start.value), None)

    # ── the trial ─────────────────────────────────────────────────────────────────────────────────────

    async def _begin(self) -> None:
        self._choices = {}
        await self._run()

    @permitted("see")
    async def _run(self) -> None:
        contact, desk, content = self._contact, self._desk, self._desk.room.content
        if contact is None:
            return
        given: dict[str, Any] | None = None
        if self._event() is not None:
            try:
                given = json.loads(self._given.value or "{}")
            except ValueError as error:
                self._say(f"The properties are no JSON: {error}.")
                return
            if not isinstance(given, dict):
                self._say('The properties have to be an object, such as {"total": 20}.')
                return
        db, now_ms, choices = desk.instance.db, desk.instance.clock.now_ms(), dict(self._choices)
        journey = await db.aread(lambda tx: _journey_id(tx, desk.room.name))
        brand = Brand.of(await settings())
        self._brand = brand.name
        self._go.props("loading")
        try:
            trial = await asyncio.to_thread(
                try_out, db, content, journey, contact.id, now_ms,
                start=self._start.value, properties=given, choices=choices,
            )  # fmt: skip
            letters = await asyncio.to_thread(
                lambda: {n: trial_letters.show(content, step.posted, brand)
                         for n, step in enumerate(trial.steps) if step.posted}
            )  # fmt: skip
        except CannotTry as problem:
            self._say(str(problem))
            return
        except Exception:
            log.exception("%s: a trial failed", desk.room.name)
            self._say("The trial failed; a step did something nobody expected. The log of this instance has more.")
            return
        finally:
            self._go.props(remove="loading")
        trial.steps = told(trial, desk.room.graph)
        desk.overlay(overlay(trial, content))
        self._lit = True
        self._clear.set_visibility(True)
        self._show(trial, letters, now_ms)

    def _show(self, trial: Trial, letters: dict[int, Shown], began_ms: int) -> None:
        self._result.clear()
        with self._result:
            for note in trial.notes:
                with ui.element("div").classes("sj-notice"):
                    ui.icon("info")
                    ui.label(note)
            asked: set[str] = set()
            with ui.element("ol").classes("sj-try-path"):
                for n, step in enumerate(trial.steps):
                    if step.words:
                        with ui.element("li").classes("sj-try-step").props('data-mark="try-step"'):
                            self._step(step, trial, began_ms, letters.get(n), asked)
            if trial.ended:
                ui.label(trial.ended).classes("sj-soft")
            ui.label("Nothing was sent, and nothing was kept.").classes("sj-soft")

    def _step(self, step: Step, trial: Trial, began_ms: int, letter: Shown | None, asked: set[str]) -> None:
        apart = step.at_ms - began_ms
        when = "at once" if apart < 1000 else "+" + words.span(apart)
        head = ui.element("button").classes("sj-try-head").props('type="button"')
        with head.on("click", partial(self._desk.focus, step.node), args=[]):
            ui.label(self._desk.room.graph.title_of(step.node)).classes("sj-strong sj-clip")
            ui.label(when).classes("sj-soft sj-try-when")
        ui.label(_said(step)).classes("sj-break")
        if letter is not None and step.posted is not None:
            self._letter(letter, step.posted.channel)
        if step.node in trial.open and step.node not in asked:
            asked.add(step.node)
            options = {choice: CHOICES[choice] for choice in trial.open[step.node]}
            choose = ui.select(options, value=trial.chosen[step.node], on_change=partial(self._decide, step.node))
            choose.props('outlined dense options-dense aria-label="What happens here"').classes("sj-try-choice")

    async def _decide(self, node: str, event: Any) -> None:
        self._choices[node] = str(event.value)
        await self._run()

    def _letter(self, letter: Shown, channel: str) -> None:
        if letter.rendered is None:
            ui.label(letter.problem).classes("sj-refusal sj-break")
            return
        with ui.element("details").classes("sj-try-letter").props('data-mark="try-letter"'):
            email = channel == "email"
            with ui.element("summary"):
                ui.icon("mail" if email else medium_icon(channel))
                ui.label(letter.rendered.subject or ("(no subject)" if email else medium_label(channel))).classes(
                    "sj-clip"
                )
            if email:
                sheet = ui.element("iframe").classes("sj-letter").props('sandbox="" title="The letter" loading="lazy"')
                sheet.props["srcdoc"] = LETTER_HEAD + letter.rendered.html
            else:
                picture(channel, letter.rendered.fields, self._brand)
            if letter.rendered.missing:
                ui.label("Not known of them: " + ", ".join(letter.rendered.missing)).classes("sj-soft sj-break")

    # ── the rest ──────────────────────────────────────────────────────────────────────────────────────

    def _say(self, sentence: str) -> None:
        self._result.clear()
        with self._result:
            empty("error_outline", "It cannot be tried yet", sentence)

    def _forget(self) -> None:
        self._desk.overlay(None)
        self._lit = False
        self._clear.set_visibility(False)
        self._result.clear()

    def _changed(self) -> None:
        """The path belongs to the draft as it was."""
        if self._lit:
            self._forget()
            with self._result:
                ui.label("The draft has changed since. Try again to see the path as it is now.").classes("sj-soft")


def _said(step: Step) -> str:
    """The words, and how long a rest is where they do not say."""
    length = "" if step.until_ms is None else words.span(step.until_ms - step.at_ms)
    return step.words if length in step.words else f"{step.words}, goes on in {length}"


def _journey_id(tx: Tx, name: str) -> int:
    journey = journeys.journey_named(tx, name)
    return 0 if journey is None or journey.id is None else journey.id


def build(desk: Desk) -> None:
    """Draw it."""
    TryPanel(desk)


PANEL = Panel("try", "Try", "play_circle", 30, build, "see")
