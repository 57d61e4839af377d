"""How the letter of a step fares, as a table with its goals, and where its readers went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nicegui import ui

from ...runtime.content.counted import Place
from ...runtime.tracking.figures import COMPLAINT_GOAL, DELIVERED_GOAL, LetterFigures, LinkFigures
from .. import words
from ..frame import chip

SHOWN = 12  # links
LITTLE = 100  # letters; below that a share says little of a goal


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a name with what belongs to it below, a count, a share, and a goal with its tone."""

    name: str
    number: str
    share: str
    below: str = ""
    goal: tuple[str, str] | None = None


class LetterTable:
    """The figures of one letter. Written anew only where something changed."""

    def __init__(self) -> None:
        self._shown: Any = None
        self.place = ui.element("div").classes("sj-funnel").props('data-mark="letter-figures"')
        self.place.set_visibility(False)

    def write(self, figures: LetterFigures | None, places: Mapping[int, Place]) -> None:
        """Show these; nothing of a letter that never left."""
        known = figures if figures is not None and figures.handed_over else None
        self.place.set_visibility(known is not None)
        now = (repr(known), tuple(places.values()))
        if known is None or now == self._shown:
            return
        self._shown = now
        self.place.clear()
        with self.place:
            _title("The letter")
            _table(("", "Letters", "Share"), _rows(known))
            if known.orders:
                ui.label(_money(known)).classes("sj-soft")
            if known.links:
                _title("Links followed")
                _table(("", "People", "Of clickers"), [_link(one, known, places) for one in _by_people(known)])


def _title(text: str) -> None:
    ui.label(text).classes("sj-chart-title").props('role="heading" aria-level="3"')


def _table(heads: Sequence[str], rows: Sequence[Row]) -> None:
    """Narrow enough for a panel: what stands below a name belongs to it."""
    with ui.element("div").classes("sj-kpis").props('role="table"'):
        with ui.element("div").classes("sj-kpi is-head").props('role="row"'):
            for head in heads:
                ui.label(head).props('role="columnheader"')
        for row in rows:
            with ui.element("div").classes("sj-kpi").props('role="row"'):
                with ui.element("div").props('role="cell"'):
                    ui.label(row.name).classes("sj-break")
                    if row.below:
                        ui.label(row.below).classes("sj-soft sj-break")
                    if row.goal:
                        chip(*row.goal)
                ui.label(row.number).props('role="cell"')
                ui.label(row.share).props('role="cell"')


def _rows(one: LetterFigures) -> list[Row]:
    sent, left = one.delivered, one.handed_over

    def counted(name: str, n: int, below: str = "", whole: int = sent) -> Row:
        return Row(name, words.number(n), words.share(n, whole), below)

    rows = [
        replace(counted("Delivered", sent, whole=left), goal=_goal("over 98 %", sent, left, DELIVERED_GOAL)),
        counted("Opened", one.opened, "by people"),
        *([counted("Fetched", one.opened_by_machines, "by machines only")] if one.opened_by_machines else ()),
        *([counted("Fetched", one.opened_by_unknown, "by nobody knows whom")] if one.opened_by_unknown else ()),
        counted("Clicked", one.clicked),
        counted("Clicked, of openers", one.clicked, whole=one.opened),
        *(
            [counted("Scanned", one.clicked_by_scanners, "links followed by scanners only")]
            if one.clicked_by_scanners
            else ()
        ),
        counted("Led to an order", one.converted),
        counted("Not delivered", one.failed, whole=left),
        Row("Complaints", words.number(one.complaints), _fine(one.complaints, sent)),
        Row("Unsubscribed", words.number(one.unsubscribes), _fine(one.unsubscribes, sent)),
    ]
    fine = _goal("under 0.1 %", sent - one.complaints, sent, 1 - COMPLAINT_GOAL)
    return [replace(row, goal=fine) if row.name == "Complaints" else row for row in rows]


def _goal(said: str, good: int, whole: int, at_least: float) -> tuple[str, str]:
    """The goal, and whether it is met; of few letters only what it is."""
    if whole < LITTLE:
        return f"goal: {said}", ""
    return (f"goal met: {said}", "good") if good > at_least * whole else (f"goal missed: {said}", "bad")


def _fine(part: int, whole: int) -> str:
    """A share that is small by its nature."""
    return f"{100 * part / whole:.2f} %" if whole and part else words.share(part, whole)


def _money(one: LetterFigures) -> str:
    each, basket = one.revenue / max(one.delivered, 1), one.revenue / one.orders
    orders = f"{words.number(one.orders)} orders" if one.orders != 1 else "1 order"
    return f"{orders} brought {_sum(one.revenue)}: {_sum(each)} a letter, {_sum(basket)} an order on average."


def _sum(value: float) -> str:
    return f"{value:,.2f}".replace(",", "\u2009")


def _by_people(one: LetterFigures) -> list[LinkFigures]:
    return sorted(one.links, key=lambda link: (-link.people, -link.scanners, link.place))[:SHOWN]


def _link(link: LinkFigures, one: LetterFigures, places: Mapping[int, Place]) -> Row:
    place = places.get(link.place)
    url = (link.url or (place.url if place is not None else "")).removeprefix("https://")
    clicks = f"{words.number(link.clicks)} clicks" if link.clicks != 1 else "1 click"
    scanned = f", {words.number(link.scanners)} letters scanned" if link.scanners else ""
    name = place.label if place is not None and place.label else url or "An address of its own"
    below = f"{url} · {clicks}{scanned}" if url and url != name else f"{clicks}{scanned}"
    return Row(name, words.number(link.people), words.share(link.people, one.clicked), below)
