"""What became of the people: figures and charts of a journey or one of its steps, kept fresh without a flicker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...nodes.step import DAY_MS
from ...runtime import funnel
from ...runtime.content.counted import Place
from ...runtime.funnel import Course, Form, Funnel, Tally
from ...runtime.lately import lately
from ...runtime.tracking.labels import Labels
from ...runtime.why_held import together
from ...storage import journeys
from ...storage.database import Tx
from .. import words
from ..auth import permitted
from ..frame import empty, here, stylesheet
from .charts import Chart
from .held import HeldList
from .letter_figures import LetterTable
from .message_picture import medium_label

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 0: "All"}
FRESH = 4  # seconds between two looks
DAYS = 730  # the longest stretch drawn
ALL = 0  # versions
LABELS = Labels()


class FunnelView:
    """Of the journey of this short name. ``show`` narrows it to a step; None is the journey as a whole."""

    def __init__(self, journey: str, graph: JourneyGraph) -> None:
        self._journey, self._graph, self._step = journey, graph, None
        self._found = Funnel()
        self._places: dict[str, Mapping[int, Place]] = {}  # links of letters, by step
        self._parts: _Parts | None = None
        stylesheet("charts.css")
        with ui.element("div").classes("sj-funnel").props('data-mark="funnel"'):
            with ui.element("div").classes("sj-funnel-tools"):
                self._period = ui.toggle(PERIODS, value=30, on_change=self.refresh).props(
                    'no-caps unelevated dense toggle-text-color="accent" aria-label="Period"'
                )
                self._version = ui.select({ALL: "All versions"}, value=ALL, on_change=self.refresh)
                self._version.props('outlined dense options-dense aria-label="Version"').set_visibility(False)
            self._place = ui.element("div").classes("sj-funnel").props('aria-live="off"')
        ui.timer(FRESH, self.refresh, immediate=False)
        ui.timer(0, self.refresh, once=True)

    def show(self, step: str | None, graph: JourneyGraph) -> None:
        """Show this step from now on, by the names of this graph."""
        self._graph = graph
        if step != self._step:
            self._step, self._parts = step, None
            self._place.clear()
            self._draw()

    @permitted("see")
    async def refresh(self) -> None:
        """Look again, and change what has changed."""
        instance, days = here(), int(self._period.value or 0)
        from_day = funnel.period_start(days or None, instance.clock.now_ms())
        version = int(self._version.value or ALL) or None
        journey = self._journey
        self._found = await lately(instance.db).of(
            ("funnel", journey, from_day, version), lambda tx: _read(tx, journey, from_day, version)
        )
        self._places = await asyncio.to_thread(_places, self._found)
        self._offer(self._found.versions)
        self._draw()

    def _offer(self, versions: Sequence[tuple[int, int]]) -> None:
        options = {ALL: "All versions"} | {key: f"Version {number}" for key, number in reversed(versions)}
        if options != self._version.options:
            self._version.set_options(options)
            self._version.set_visibility(len(versions) > 1)

    def _draw(self) -> None:
        found, step = self._found, self._step
        course = found.whole if step is None else found.steps.get(step, Course())
        kind = _kind(course)
        if self._parts is None or self._parts.kind != kind:
            self._place.clear()
            with self._place:
                self._parts = _Parts(kind, step is None, self._journey)
        if kind != "nothing":
            days = _days(course, int(self._period.value or 0), here().clock.now_ms())
            self._parts.write(found, course, step, self._graph, days)
            self._parts.letter.write(found.letters.get(step or ""), self._places.get(step or "", {}))


class _Parts:
    """The elements of one kind of view, written into again and again."""

    def __init__(self, kind: str, whole: bool, journey: str) -> None:
        self.kind = kind
        if kind == "nothing":
            if whole:
                empty("filter_alt", "Nobody came in", "Numbers appear here once people come into the journey.",
                      "A longer period may have some.")  # fmt: skip
            else:
                empty("filter_alt", "Nobody was here", "Numbers appear here once people come to this step.",
                      "Pick nothing on the canvas to see the whole journey.")  # fmt: skip
            return
        self._figures: dict[str, ui.label] = {}
        self._row = ui.element("div").classes("sj-tallies")
        self._held = HeldList(journey)
        self.letter = LetterTable()
        with ui.element("div").classes("sj-charts"):
            with ui.element("div").classes("sj-funnel"):
                self._main = Chart("On the way", ("Step", "People")) if whole else None
                self._ways = None if whole else Chart("Ways on", ("Way", "People"))
                self._forms = None if whole else Chart("By channel", ("Channel", "Messages sent"))
                self._left = Chart("Why they left" if whole else "Left here", ("Reason", "People"))
            self._lines = Chart("By day", ("Day",))

    def write(self, found: Funnel, course: Course, step: str | None, graph: JourneyGraph, days: Sequence[int]) -> None:
        """New numbers into the old places."""
        total = course.total
        shown = {"Came in": total.entered, "Here now" if step else "Inside now": course.here}
        if total.sent or total.held_back:
            shown |= {"Sent": total.sent, "Opened": total.opened, "Clicked": total.clicked}
        if total.held_back:
            shown["Held back"] = total.held_back
        if total.converted or step is None:
            shown["Converted"] = total.converted
        if total.left:
            shown["Left"] = sum(total.left.values())
        self._write_figures(shown)
        self._held.write(together(found.held) if step is None else found.held.get(step, []))
        if self._main:
            self._main.bars([(name, n, _beside(n, found.main[0][1])) for name, n in found.main])
        self._lines.lines([_date(day) for day in days], _lines(course, days, step is None))
        if self._ways:
            node = graph.nodes.get(step or "")
            labels = {port.name: port.label for port in node.ports()} if node else {}
            ways = sorted(total.moved.items(), key=lambda way: -way[1])
            self._ways.place.set_visibility(bool(ways))
            self._ways.bars(
                [(labels.get(port) or _spoken(port), n, _beside(n, sum(total.moved.values()))) for port, n in ways]
            )
        if self._forms:
            forms = found.forms.get(step or "", [])
            self._forms.place.set_visibility(len(forms) > 1)
            self._forms.bars([(medium_label(each.channel), each.counts.sent, _came_to(each)) for each in forms])
        reasons = sorted(total.left.items(), key=lambda reason: (-reason[1], reason[0]))
        self._left.place.set_visibility(bool(reasons))
        self._left.bars([(_reason(reason), n, _beside(n, sum(total.left.values()))) for reason, n in reasons])

    def _write_figures(self, shown: dict[str, int]) -> None:
        if list(shown) != list(self._figures):
            self._row.clear()
            self._figures.clear()
            with self._row:
                for name in shown:
                    with ui.element("div").classes("sj-tally"):
                        self._figures[name] = ui.label("").classes("sj-strong")
                        ui.label(name).classes("sj-soft")
        for name, value in shown.items():
            if self._figures[name].text != words.number(value):
                self._figures[name].text = words.number(value)


def _read(tx: Tx, name: str, from_day: int, version: int | None) -> Funnel:
    journey = journeys.journey_named(tx, name)
    return Funnel() if journey is None or journey.id is None else funnel.read(tx, journey.id, from_day, version)


def _places(found: Funnel) -> dict[str, Mapping[int, Place]]:
    return {step: LABELS.of(letter.source) for step, letter in found.letters.items() if letter.links}


def _kind(course: Course) -> str:
    total = course.total
    return "something" if total.entered or total.sent or total.left or total.moved or course.here else "nothing"


def _lines(course: Course, days: Sequence[int], whole: bool) -> list[tuple[str, list[int]]]:
    def values(of: str) -> list[int]:
        return [getattr(course.by_day.get(day, Tally()), of) for day in days]

    total = course.total
    lines = [("Came in", values("entered"))]
    if total.sent:
        lines += [("Sent", values("sent")), ("Opened", values("opened")), ("Clicked", values("clicked"))]
    if total.converted:
        lines.append(("Converted", values("converted")))
    return lines[:2] + lines[-1:] if whole and len(lines) > 3 else lines


def _days(course: Course, period: int, now_ms: int) -> list[int]:
    """Every day of the period; of everything, from the first day anything happened on."""
    today = now_ms // DAY_MS
    first = today - period + 1 if period else min(course.by_day, default=today)
    return list(range(max(first, today - DAYS), today + 1))


def _date(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def _beside(n: int, whole: int) -> str:
    return f"{words.number(n)} · {words.share(n, whole)}" if whole else words.number(n)


def _came_to(form: Form) -> str:
    counts = form.counts
    said = [f"{words.number(counts.sent)} sent"]
    said += [f"{words.number(counts.held_back)} not"] if counts.held_back else []
    said += [f"{words.number(counts.opened)} opened"] if counts.opened else []
    return ", ".join(said)


def _spoken(word: str) -> str:
    text = word.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def _reason(reason: str) -> str:
    return _REASONS.get(reason) or _spoken(reason)


_REASONS = {
    "end": "End of the path",
    "goal": "Reached the goal",
    "gone": "Contact erased",
    "merged": "Contact merged",
    "gave_way": "Gave way to another journey",
    "switched": "Taken out by another journey",
    "skipped": "Message held back",
    "failed": "Message failed",
    "capped": "Got enough messages",
    "no_address": "No address for it",
    "no_consent": "Has not agreed",
    "blocked": "Address is blocked",
    "expired": "Message waited too long",
}
