"""Whether data arrives as usual: what is unusual in sentences, and each event day by day with what is expected."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.numbers import counted
from ...runtime.quality import findings
from ...runtime.quality.bands import LEARNING, band
from ...runtime.quality.findings import EventDays, Finding
from .. import words
from ..auth import permitted
from ..frame import card, chip, empty, here, opened, sentence, table, visitor
from .contracts import address
from .quality_chart import BandChart, Day

SHOWN = 56  # days in a chart
WORDS = {
    "little": "too few", "much": "too many", "missing": "missing values", "duplicates": "duplicates",
    "violations": "broken contracts",
}  # fmt: skip
LEAD = "Every event is held against its own past: the same weekday, give or take what is usual."


@ui.page("/quality", title="Quality · Sojourn", response_timeout=15)
@permitted("see")
async def quality() -> None:
    """Sentences first, then a chart of the event one picks, then all of them."""
    who, known = await visitor()
    now_ms = here().clock.now_ms()

    def read(tx: Any) -> tuple[dict[str, EventDays], dict[str, Any]]:
        back = 2 * findings.BACK  # a chart's first day has its own past
        return findings.days(tx, now_ms, known.zone, back=back), findings.presences(tx, now_ms)

    seen, presences = await here().db.aread(read)
    said = findings.judge(seen, presences, now_ms, known.zone)
    today = findings.today(now_ms, known.zone)
    with opened("Quality", who, known, "Quality", LEAD), ui.element("div").classes("sj-stack"):
        if not seen:
            empty(
                "insights", "Nothing has arrived yet", "Two weeks after an event first came, it is known what is usual."
            )
            return
        _said(said)
        names = sorted(seen, key=lambda name: (-sum(seen[name].counts.values()), name))
        with card("Day by day"):
            pick = ui.select(names, value=said[0].name if said else names[0], label="Event", with_input=True)
            pick.props("outlined dense").classes("sj-field")
            told = ui.label("").classes("sj-soft")
            chart = BandChart("Events a day, and what was expected")
            missing = ui.element("div")

        def show() -> None:
            event = seen.get(str(pick.value))
            if event is None:
                return
            left = findings.learning_left(event, today)
            told.text = (
                f"Learning: {counted(left, 'day')} of {LEARNING} left." if left else "The band is what is expected."
            )
            chart.draw([_day(event, day) for day in range(today - SHOWN, today)])
            missing.clear()
            with missing:
                _missing(presences.get(event.name, {}), now_ms // findings.DAY_MS - 1)

        pick.on_value_change(show)
        show()
        with card("All events", "today so far and yesterday"):
            table(
                ("Event", "Today", "Yesterday", "Expected", "Twice", "Broken", "State"),
                [_row(seen[name], today, said) for name in names],
                numbers=("Today", "Yesterday", "Expected", "Twice", "Broken"),
            )


def _said(said: list[Finding]) -> None:
    with card("Unusual now"):
        if not said:
            empty("check_circle", "All is as usual", "What is not stands here and as a warning on every page.")
        for one in said:
            with ui.element("div").classes("sj-finding"):
                ui.icon("warning_amber").classes("is-warn")
                sentence(one.sentence)


def _day(event: EventDays, day: int) -> Day:
    past = {one: float(n) for one, n in event.counts.items() if one < day}
    expected = band(past, day) if past else None
    return Day(findings.date_of(day).isoformat(), event.counts.get(day, 0), expected)


def _row(event: EventDays, today: int, said: list[Finding]) -> list[Any]:
    expected = _day(event, today - 1).expected
    kinds = [one.kind for one in said if one.name == event.name]

    def name() -> None:
        with ui.link(target=address(event.name)).classes("sj-row-link"):
            ui.label(event.name).classes("sj-strong sj-break")

    def state() -> None:
        if kinds:
            chip(", ".join(WORDS[kind] for kind in kinds), "warn")
        elif findings.learning_left(event, today):
            chip("learning")
        elif expected is None:
            chip("too few to judge")
        else:
            chip("as usual", "good")

    span = "–" if expected is None else f"{words.number(expected.low)} to {words.number(expected.high)}"
    counts = [words.number(where.get(day, 0)) for where, day in (
        (event.counts, today), (event.counts, today - 1), (event.duplicates, today), (event.violations, today),
    )]  # fmt: skip
    return [name, counts[0], counts[1], span, counts[2], counts[3], state]


def _missing(presences: dict[str, dict[int, int]], yesterday: int) -> None:
    totals = presences.get("", {})
    lately = [day for day in totals if yesterday - 28 < day <= yesterday]
    n, before = totals.get(yesterday, 0), sum(totals[day] for day in lately)
    rows = []
    for name, counts in sorted(presences.items()):
        if name and before:
            there = sum(counts.get(day, 0) for day in lately)
            rows.append(
                (
                    name,
                    words.share(max(0, n - counts.get(yesterday, 0)), n),
                    words.share(max(0, before - there), before),
                )
            )
    if rows:
        ui.label("How often a property is missing").classes("sj-chart-title")
        table(("Property", "Yesterday", "In four weeks"), rows, numbers=("Yesterday", "In four weeks"))
