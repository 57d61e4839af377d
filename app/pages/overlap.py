"""Which live journeys reach the same people, how much those will hear, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ...runtime.overlap import AHEAD_WEEKS, WEEKS, Overlap, PairLine
from ...runtime.overlap import overlap as report
from .. import words
from ..auth import permitted
from ..frame import card, empty, here, opened, sentence, stylesheet, table, visitor
from .overlap_chart import SharedChart

LEAD = "Which live journeys reach the same people, how much those will hear, and what to do about it."
IN_CHART, IN_TABLE = 12, 15


@ui.page("/overlap", title="Overlap · Sojourn", response_timeout=20)
@permitted("see")
async def overlap() -> None:
    """A sentence, the map, the pairs, the caps, the journeys."""
    who, known = await visitor()
    now_ms, shelf = here().clock.now_ms(), here().shelf
    found = await here().db.aread(lambda tx: report(tx, shelf, now_ms))
    titles = {line.name: line.title for line in found.journeys}
    with opened("Overlap", who, known, "Overlap", LEAD), ui.element("div").classes("sj-stack"):
        stylesheet("charts.css")
        if not found.journeys:
            empty("join_inner", "No journey is live", "As soon as two are, this page says whom both of them reach.")
            return
        with card("In the next two weeks"):
            for text in _sentences(found):
                sentence(text)
        if not found.pairs:
            empty("join_inner", "No two journeys reach the same people", "Nobody is or was in two of them lately.")
        else:
            with card("People in two journeys", f"inside both now, or in both in the last {WEEKS} weeks"):
                _chart(found, titles)
            with card("What to do"):
                _pairs(found.pairs, titles)
        with card("Caps", "who would hit one, by what they had and what lies ahead of them"):
            _caps(found)
        with card("Journeys", "messages a week to one person"):
            _journeys(found)


def _sentences(found: Overlap) -> list[str]:
    inside = f"{words.number(found.people)} people are inside live journeys"
    if not found.several:
        said = [f"{inside}, and nobody is in more than one."]
    else:
        said = [
            f"{inside}, {words.number(found.several)} of them in more than one. If nothing holds it back, those will be"
            f" sent {found.several_per_week:.1f} messages a week, and one in ten more than {found.most_per_week:.1f}."
        ]
    if found.nth > 1:
        said.append(f"These are estimates: one of {words.number(found.nth)} contacts was looked at.")
    return said


def _chart(found: Overlap, titles: dict[str, str]) -> None:
    reach: dict[str, int] = {}
    for pair in found.pairs:
        for name in (pair.one, pair.other):
            reach[name] = reach.get(name, 0) + pair.shared
    names = sorted(reach, key=lambda name: (-reach[name], name))[:IN_CHART]
    place = {name: n for n, name in enumerate(names)}
    shared = {}
    for pair in found.pairs:
        if pair.one in place and pair.other in place:
            first, second = sorted((place[pair.one], place[pair.other]))
            shared[first, second] = pair.shared
    SharedChart("People that two journeys share").draw([titles[name] for name in names], shared)


def _pairs(pairs: list[PairLine], titles: dict[str, str]) -> None:
    columns = ("Journeys", "In both now", "Of the smaller", "A week", "Over a cap", "What to do")
    rows = [
        (
            _links((pair.one, pair.other), titles), words.number(pair.inside_both), f"{pair.share:.0%}",
            f"{pair.per_week:.1f}", f"{pair.capped:.0%}", pair.suggestion,
        )
        for pair in sorted(pairs, key=lambda pair: pair.fine)[:IN_TABLE]
    ]  # fmt: skip
    table(columns, rows, numbers=columns[1:5])
    if len(pairs) > IN_TABLE:
        sentence(
            f"And {words.number(len(pairs) - IN_TABLE)} more pairs; `sojourn journeys overlap` lists all of them."
        ).classes("sj-soft")


def _links(names: tuple[str, ...], titles: dict[str, str]) -> Callable[[], None]:
    def draw() -> None:
        with ui.element("div"):
            for name in names:
                with ui.link(target=f"/journeys/{name}").classes("sj-row-link"):
                    ui.label(titles[name]).classes("sj-strong sj-break")

    return draw


def _caps(found: Overlap) -> None:
    if not found.caps:
        empty("speed", "There is no cap", "A cap in the policy says how many messages are enough for one person.")
        return
    rows: list[Any] = [(cap.name, words.number(cap.people), f"{cap.share:.0%}") for cap in found.caps]
    table(
        ("Cap", "People who would hit it", "Of all inside"), rows, numbers=("People who would hit it", "Of all inside")
    )


def _journeys(found: Overlap) -> None:
    columns = ("Journey", "Class", "Inside", f"Last {WEEKS} weeks", f"Next {AHEAD_WEEKS} weeks", "Turned away")
    titles = {line.name: line.title for line in found.journeys}
    rows = [
        (
            _links((line.name,), titles), line.class_, words.number(line.inside), f"{line.lately_per_week:.1f}",
            f"{line.ahead_per_week:.1f}", words.number(line.turned_away),
        )
        for line in found.journeys
    ]  # fmt: skip
    table(columns, rows, numbers=columns[2:])
