"""Test a contact at a time: the gate's whole decision about a message that does not exist, question by question."""

from __future__ import annotations

from datetime import datetime

from nicegui import ui

from ...runtime.policy.policy_names import known_channels
from ...runtime.policy.standing import CLASS_WORDS
from ...runtime.policy.supposed import Answer, CannotSuppose, Supposed, suppose
from ...storage import journeys, people, topics, views
from ...storage.columns import from_ms
from ...storage.consents import TOPIC
from ...storage.database import Tx
from ...storage.views import ContactLine
from .. import words
from ..auth import permitted
from ..frame import button, card, chip, here

FOUND = 6  # contacts offered at once
ANSWERS = {"go": ("It may go", "good"), "defer": ("It waits", "warn"), "skip": ("It does not go", "bad")}


def test_card() -> None:
    """Draw it."""
    _Test()


class _Test:
    def __init__(self) -> None:
        self._who: ContactLine | None = None
        with card("Test a contact at a time", "the very gate is asked; nothing is sent or written") as box:
            box.props["data-mark"] = "policy-test"
            self._search = ui.input("Who", placeholder="Name, address or id", on_change=self._look)
            self._search.props('outlined dense debounce="250" autocomplete="off"').classes("sj-field")
            self._found = ui.element("div").classes("sj-policy-found")
            self._channel = ui.select(known_channels(), value="email", label="Channel")
            self._class = ui.select({**CLASS_WORDS}, value="promo", label="Class")
            self._topic = ui.select([TOPIC], value=TOPIC, label="Topic")
            self._journey = ui.select({"": "none in particular"}, value="", label="As a message of the journey")
            for made in (self._channel, self._class, self._topic, self._journey):
                made.props("outlined dense options-dense").classes("sj-field")
            self._topic.on("focus", self._topics, args=[])
            self._journey.on("focus", self._journeys, args=[])
            with ui.element("div").classes("sj-policy-moment"):
                self._day = ui.input("Day", value=from_ms(here().clock.now_ms()).date().isoformat()).props(
                    'type="date" outlined dense stack-label'
                )
                self._time = ui.input("Time where they live").props('type="time" outlined dense stack-label')
            ui.label("Without a time it is about now.").classes("sj-soft")
            with ui.element("div"):
                button("Ask the gate", self._ask, "rule", "main")
            self._answer = ui.element("div").classes("sj-stack").props('aria-live="polite" data-mark="policy-answer"')

    @permitted("see")
    async def _look(self) -> None:
        asked = str(self._search.value or "").strip()[:200]
        if self._who is not None and asked == _name(self._who):
            return
        self._who = None
        lines = await here().db.aread(lambda tx: _people(tx, asked)) if asked else []
        self._found.clear()
        with self._found:
            for line in lines:
                self._offer(line)
            if asked and not lines:
                ui.label("Nobody is called like this.").classes("sj-soft")

    def _offer(self, line: ContactLine) -> None:
        def choose() -> None:
            self._who = line
            self._search.value = _name(line)
            self._found.clear()

        made = ui.button(_name(line), on_click=choose, color=None).props("flat dense no-caps align=left")
        made.classes("sj-policy-person")

    async def _topics(self) -> None:
        names = [topic.name for topic in await here().db.aread(topics.catalogue)]
        self._topic.set_options(names, value=self._topic.value)

    async def _journeys(self) -> None:
        found = await here().db.aread(journeys.journeys)
        named = {journey.name: journey.title or journey.name for journey in found if journey.live_version}
        self._journey.set_options({"": "none in particular", **named}, value=self._journey.value)

    @permitted("see")
    async def _ask(self) -> None:
        self._answer.clear()
        if self._who is None:
            with self._answer:
                ui.label("Choose whom it is about first.").classes("sj-problem")
            return
        instance, now_ms = here(), here().clock.now_ms()
        journey = self._journey.value or None
        asked = Supposed(
            self._who.id, self._channel.value, self._moment() or now_ms, None if journey else self._class.value,
            None if journey else self._topic.value, journey,
        )  # fmt: skip
        channels = instance.runtime.outbox.channels if "runtime" in instance.__dict__ else {}
        senders = {name: frozenset(channel.senders()) for name, channel in channels.items()}

        def job(tx: Tx) -> Answer:
            return suppose(tx, asked, now_ms, senders)

        try:
            answer = await instance.db.aread(job)
        except CannotSuppose as refusal:
            with self._answer:
                ui.label(str(refusal)).classes("sj-problem")
            return
        self._answer.clear()
        with self._answer:
            _told(answer)

    def _moment(self) -> datetime | None:
        if not self._time.value:
            return None
        try:
            return datetime.fromisoformat(f"{self._day.value}T{self._time.value}")
        except ValueError:
            return None


def _people(tx: Tx, asked: str) -> list[ContactLine]:
    """Whoever goes by exactly this first, then those it is the beginning of."""
    found = views.contact_lines(tx, asked, limit=FOUND)
    exact = people.whose(tx, asked)
    first = views.contact(tx, exact) if exact is not None else None
    return found if first is None else [first, *(line for line in found if line.id != first.id)][:FOUND]


def _told(answer: Answer) -> None:
    said, tone = ANSWERS[answer.verdict.answer]
    until = f" until {_local(answer, answer.verdict.until_ms)}" if answer.verdict.until_ms else ""
    with ui.element("div").classes("sj-row"):
        chip(said + until, tone)
    ui.label(answer.verdict.reason).classes("sj-break sj-strong")
    ui.label(
        f"{_local(answer, answer.at_ms)} in {answer.place.zone} (from {answer.place.source}), as "
        f"{CLASS_WORDS[answer.class_].lower()} about “{answer.topic}”."
    ).classes("sj-soft sj-break")
    decided = False
    with ui.element("ol").classes("sj-policy-questions"):
        for question in answer.questions:
            against = question.verdict
            icon, tone = ("check", "is-good") if against is None else ("schedule", "is-warn")
            if against is not None and against.answer == "skip":
                icon, tone = "block", "is-bad"
            with ui.element("li").classes("is-decisive" if against is not None and not decided else ""):
                ui.icon(icon).classes(tone).props("aria-hidden=true")
                with ui.element("div"):
                    ui.label(question.title).classes("sj-break")
                    ui.label(against.reason if against else "Nothing stands against it.").classes("sj-soft sj-break")
            decided = decided or against is not None


def _local(answer: Answer, ms: int | None) -> str:
    return (answer.local(ms) or "")[:16].replace("T", " ")


def _name(line: ContactLine) -> str:
    title, address = words.title_of(line), line.email or line.external_id or ""
    return title if title == address or not address else f"{title} · {address}"
