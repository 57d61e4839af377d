"""One segment: who is in it and how many over time, its versions, where it is used, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from nicegui import ui

from ...runtime import segments
from ...runtime.segment_words import Titles, sentence
from ...runtime.segments import Use
from ...storage import journeys, views
from ...storage import segments as rows
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.segments import Segment, SegmentVersion
from ...storage.views import ContactLine
from .. import words
from ..auth import permitted
from ..canvas.charts import Chart
from ..frame import button, card, chip, empty, frame, here, moment, opened, stylesheet, table, visitor
from .segment_actions import actions_of
from .segment_look import person_line
from .segment_parts import DAY_MS, address, day_by_day, is_filling, kind_words
from .segment_versions import version_list
from .segments import state

AT_ONCE = 10
MOST_DAYS = 365


@dataclass(slots=True)
class Seen:
    """A segment as its page shows it."""

    segment: Segment
    versions: list[SegmentVersion]
    sizes: list[tuple[int, int, int, int]]
    members: list[tuple[ContactLine, int]]
    uses: list[Use]
    titles: Titles


def read(tx: Tx, name: str, today: int) -> Seen | None:
    """Everything a page shows; None where there is no such segment."""
    segment = rows.segment_named(tx, name)
    if segment is None or segment.id is None:
        return None
    sizes = day_by_day(rows.sizes(tx, segment.id, today - MOST_DAYS), today, MOST_DAYS)
    titles = {("segment", each.name): each.title for each in rows.segments(tx)}
    titles |= {("journey", each.name): each.title for each in journeys.journeys(tx)}
    members = page(tx, segment.id, 0)
    return Seen(segment, rows.versions(tx, segment.id), sizes, members, segments.used_in(tx, name), titles)


def page(tx: Tx, segment_id: int, after: int) -> list[tuple[ContactLine, int]]:
    """Some of the members after a contact, with the moment they came in."""
    found = rows.member_page(tx, segment_id, after, AT_ONCE)
    people = views.contacts_by_id(tx, [contact for contact, _ in found])
    return [(people[contact], since) for contact, since in found if contact in people]


@ui.page("/segments/{name}", title="Segment · Sojourn", response_timeout=15)
@permitted("see")
async def segment_page(name: str) -> None:
    """The page of a segment."""
    who, known = await visitor()
    found = await here().db.aread(lambda tx: read(tx, name, here().clock.now_ms() // DAY_MS))
    if found is None:
        with frame("Segments", who, known):
            empty("group_off", "There is no such segment", "It may have been deleted. The list has all of them.")
        return
    seen = found
    with opened("Segments", who, known, seen.segment.title, seen.segment.description) as actions:
        stylesheet("charts.css")
        stylesheet("segments.css")
        with actions:
            actions_of(seen.segment, seen.uses, who)

        @ui.refreshable
        def body() -> None:
            _facts(seen)
            with card("Who is in it"):
                ui.label(sentence(seen.segment.rule, seen.titles)).classes("sj-break").props('data-mark="rule"')
            with ui.element("div").classes("sj-columns"):
                with ui.element("div").classes("sj-stack"):
                    _over_time(seen)
                    _Members(seen)
                with ui.element("div").classes("sj-stack"):
                    _used(seen.uses)
                    version_list(seen.segment, seen.versions, who, again, seen.titles)
                    _written(seen.segment)

        @permitted("see")
        async def again() -> None:
            nonlocal seen
            seen = await here().db.aread(lambda tx: read(tx, name, here().clock.now_ms() // DAY_MS)) or seen
            body.refresh()
            look.active = is_filling(seen.segment)

        @permitted("see")
        async def is_ready() -> None:
            now = await here().db.aread(lambda tx: rows.segment_named(tx, name))
            if now is None or not is_filling(now):
                look.active = False
                await again()

        look = ui.timer(1, is_ready, active=is_filling(seen.segment))
        body()


def _facts(seen: Seen) -> None:
    segment = seen.segment
    today = seen.sizes[-1] if seen.sizes else (0, 0, 0, 0)
    filled = segment.filled > 0
    with ui.element("div").classes("sj-figures"):
        _figure("People", words.number(segment.size) if filled else "…", "size")
        _figure("Came in today (UTC)", words.number(today[2]) if filled else "–", "joined")
        _figure("Went out today (UTC)", words.number(today[3]) if filled else "–", "left")
        _figure("Kind", kind_words(segment.kind), "kind")
    with ui.element("div").classes("sj-row"):
        state(segment)
        for tag in segment.tags:
            chip(tag)
    if segment.trouble:
        with ui.element("div").classes("sj-notice").props('role="status"'):
            ui.icon("warning_amber")
            ui.label(segment.trouble)


def _figure(title: str, value: str, mark: str) -> None:
    with ui.element("div").classes("sj-figure") as made:
        made.props["data-figure"] = mark
        ui.label(value).classes("sj-figure-number")
        ui.label(title).classes("sj-soft")


def _over_time(seen: Seen) -> None:
    with card("Over time", "at the end of each day, in UTC"), ui.element("div").classes("sj-stack"):
        if not seen.sizes:
            empty("show_chart", "Nothing to draw yet", "The first day is there once it is worked out who is in it.")
            return
        if len(seen.sizes) == 1:
            ui.label("The lines begin tomorrow, with the second day.").classes("sj-soft")
            return
        days = [_day(day) for day, *_ in seen.sizes]
        Chart("People in it", ("Day (UTC)", "People")).lines(days, [("People", [row[1] for row in seen.sizes])])
        came, went = [row[2] for row in seen.sizes], [row[3] for row in seen.sizes]
        Chart("Coming and going", ("Day (UTC)", "Came in", "Went out")).lines(
            days, [("Came in", came), ("Went out", went)]
        )  # fmt: skip


class _Members:
    """The people in it, a page at a time."""

    def __init__(self, seen: Seen) -> None:
        self._segment, self._members = seen.segment, list(seen.members)
        with card("People"):
            self._list()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._members:
            filling = is_filling(self._segment)
            empty("group", "Nobody yet" if not filling else "Being worked out", "Whoever meets the rule appears here.")
            return
        table(("Contact", "In it since"), [_member(person, since) for person, since in self._members])
        if len(self._members) < self._segment.size and len(self._members) % AT_ONCE == 0:
            with ui.element("div").classes("sj-row"):
                button("Show more", self._more, "expand_more")

    @permitted("see")
    async def _more(self) -> None:
        last, key = self._members[-1][0].id, self._segment.id or 0
        self._members += await here().db.aread(lambda tx: page(tx, key, last))
        self._list.refresh()


def _member(person: ContactLine, since: int) -> list[Any]:
    return [lambda: person_line(person), lambda: moment(since)]


def _used(uses: list[Use]) -> None:
    with card("Where it is used") as box:
        box.props["data-mark"] = "used"
        if not uses:
            ui.label("In no journey and no other segment.").classes("sj-soft")
        for use in uses:
            with ui.element("div").classes("sj-row sj-segment-use"):
                ui.icon("route" if use.kind == "journey" else "group_work")
                ui.link(use.title or use.name, f"/journeys/{use.name}" if use.kind == "journey" else address(use.name))


def _written(segment: Segment) -> None:
    known = [
        ("Short name", lambda: ui.label(segment.name).classes("sj-typed")),
        ("Owner", lambda: ui.label(segment.owner or "–")),
        ("Expires", lambda: ui.label(_ends(segment))),
        ("Updated", lambda: moment(to_ms(segment.refreshed_at) if segment.refreshed_at else None)),
        ("Made", lambda: moment(to_ms(segment.created_at))),
    ]
    with card("About it"), ui.element("div").classes("sj-pairs"):
        for title, draw in known:
            ui.label(title)
            with ui.element("div"):
                draw()


def _ends(segment: Segment) -> str:
    return f"at the end of {segment.expires_at:%-d %b %Y} (UTC)" if segment.expires_at else "never"


def _day(day: int) -> str:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day).isoformat()
