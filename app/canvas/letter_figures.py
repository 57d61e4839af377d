"""How the letter of a step fares, as a table with its goals, and where its readers went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ...runtime.content.counted import Place
from ...runtime.tracking.figures import COMPLAINT_GOAL, DELIVERED_GOAL, LetterFigures, LinkFigures
from .. import words
from ..frame import chip, table

SHOWN = 12  # links
LITTLE = 100  # letters; below that a share says little of a goal


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
            ui.label("The letter").classes("sj-chart-title").props('role="heading" aria-level="3"')
            table(("Figure", "Letters", "Share", "Goal"), _rows(known), ("Letters", "Share"))
            if known.orders:
                ui.label(_money(known)).classes("sj-soft")
            if known.links:
                ui.label("Links followed").classes("sj-chart-title").props('role="heading" aria-level="3"')
                table(
                    ("Link", "People", "Of clickers", "Clicks", "Scanners"),
                    [_link(link, known, places.get(link.place)) for link in _by_people(known)],
                    ("People", "Of clickers", "Clicks", "Scanners"),
                )


def _rows(one: LetterFigures) -> list[tuple[Any, ...]]:
    sent, left = one.delivered, one.handed_over
    rows: list[tuple[Any, ...]] = [
        ("Delivered", words.number(sent), words.share(sent, left), _goal("over 98 %", sent, left, DELIVERED_GOAL)),
        ("Opened by people", words.number(one.opened), words.share(one.opened, sent), ""),
    ]
    if one.opened_by_machines:
        said = words.number(one.opened_by_machines), words.share(one.opened_by_machines, sent)
        rows.append(("Opened by machines only", *said, ""))
    if one.opened_by_unknown:
        said = words.number(one.opened_by_unknown), words.share(one.opened_by_unknown, sent)
        rows.append(("Opened by nobody knows whom", *said, ""))
    rows += [
        ("Clicked", words.number(one.clicked), words.share(one.clicked, sent), ""),
        ("Clicked, of those who opened", words.number(one.clicked), words.share(one.clicked, one.opened), ""),
    ]
    if one.clicked_by_scanners:
        said = words.number(one.clicked_by_scanners), words.share(one.clicked_by_scanners, sent)
        rows.append(("Clicked by scanners only", *said, ""))
    return [
        *rows,
        ("Led to an order", words.number(one.converted), words.share(one.converted, sent), ""),
        ("Not delivered", words.number(one.failed), words.share(one.failed, left), ""),
        (
            "Complaints",
            words.number(one.complaints),
            _fine(one.complaints, sent),
            _goal("under 0.1 %", sent - one.complaints, sent, 1 - COMPLAINT_GOAL),
        ),
        ("Unsubscribed", words.number(one.unsubscribes), _fine(one.unsubscribes, sent), ""),
    ]


def _goal(said: str, good: int, whole: int, at_least: float) -> Any:
    """The goal, and whether it is met; of few letters only what it is."""
    if whole < LITTLE:
        return said
    met = good > at_least * whole

    def draw() -> None:
        chip(said if met else f"missed: {said}", "good" if met else "bad")

    return draw


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


def _link(link: LinkFigures, one: LetterFigures, place: Place | None) -> tuple[Any, ...]:
    def draw() -> None:
        if place is not None and place.label:
            ui.label(place.label).classes("sj-strong sj-break")
        url = link.url or (place.url if place is not None else "")
        ui.label(url.removeprefix("https://") or "an address of its own").classes("sj-soft sj-break")

    people = words.number(link.people), words.share(link.people, one.clicked)
    return (draw, *people, words.number(link.clicks), words.number(link.scanners))
