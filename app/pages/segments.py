"""The library of segments: who they are about, how large they are, which of them want looking after."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.numbers import counted
from ...runtime.segments import KINDS
from ...storage import segments as rows
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.segments import Segment
from .. import words
from ..auth import may, permitted
from ..frame import button, chip, empty, here, moment, opened, stylesheet, table, visitor
from .segment_parts import DAY_MS, address, day_by_day, is_filling, kind_words, small_line

COLUMNS = ("Segment", "Kind", "People", "Trend", "Owner", "Updated", "")
TREND_DAYS = 60
EVERY, AWAY = "Every kind", "Put away"


@ui.page("/segments", title="Segments · Sojourn", response_timeout=15)
@permitted("see")
async def segments() -> None:
    """Every segment in one line."""
    who, known = await visitor()
    found, trends = await here().db.aread(_read)
    used = [each for each in found if each.archived_at is None]
    lead = counted(len(used), "group of people, kept up to date.", "groups of people, kept up to date.") if used else ""
    asked: dict[str, Any] = {"words": "", "kind": EVERY, "tag": None}
    with opened("Segments", who, known, "Segments", lead) as actions:
        stylesheet("segments.css")
        with actions:
            if may(who, "edit"):
                button("From a preset", lambda: ui.navigate.to("/segments/presets"), "auto_awesome")
                button("New segment", lambda: ui.navigate.to("/segments/new"), "add", kind="main")

        @ui.refreshable
        def listing() -> None:
            shown = [each for each in found if _fits(each, asked)]
            if shown:
                table(COLUMNS, [_row(each, trends[each.name]) for each in shown], numbers=("People",))
            elif found:
                empty("search_off", "No segment matches", "Try another kind or fewer words.")
            else:
                empty(
                    "group_work",
                    "No segment yet",
                    "Start from a preset, which is ready to use, or build a rule of your own.",
                    "Journeys start when somebody comes into a segment, and branches ask who is in one.",
                )

        if found:
            _filters(found, asked, listing.refresh)
        listing()


def _read(tx: Tx) -> tuple[list[Segment], dict[str, list[int]]]:
    """The segments by title, those put away last, and their sizes of the last weeks."""
    found = [*rows.segments(tx), *rows.segments(tx, archived=True)]
    found.sort(key=lambda each: (each.archived_at is not None, each.title.lower()))
    today = here().clock.now_ms() // DAY_MS
    trends = {
        each.name: [
            size for _, size, _, _ in day_by_day(rows.sizes(tx, each.id or 0, today - TREND_DAYS), today, TREND_DAYS)
        ]
        for each in found
    }
    return found, trends


def _filters(found: list[Segment], asked: dict[str, Any], again: Any) -> None:
    kinds = [key for key in KINDS if any(each.kind == key for each in found)]
    tags = sorted({tag for each in found for tag in each.tags})
    away = any(each.archived_at is not None for each in found)

    @permitted("see")
    async def take(name: str, value: Any) -> None:
        asked[name] = value
        again()

    with ui.element("div").classes("sj-row sj-segment-filters"):
        search = ui.input(placeholder="Search segments", on_change=lambda e: take("words", e.value or ""))
        search.props('outlined dense clearable debounce="200" aria-label="Search segments"').classes("sj-search")
        shown = {EVERY: EVERY, **{key: KINDS[key] for key in kinds}, **({AWAY: AWAY} if away else {})}
        kind = ui.select(shown, value=EVERY, on_change=lambda e: take("kind", e.value))
        kind.props('outlined dense options-dense aria-label="Kind"').classes("sj-segment-filter")
        if tags:
            tag = ui.select(tags, label="Tag", clearable=True, on_change=lambda e: take("tag", e.value))
            tag.props("outlined dense options-dense").classes("sj-segment-filter").props["aria-label"] = "Tag"


def _fits(segment: Segment, asked: dict[str, Any]) -> bool:
    text = " ".join((segment.name, segment.title, segment.description, segment.owner, *segment.tags)).lower()
    if (segment.archived_at is not None) is not (asked["kind"] == AWAY):
        return False
    if asked["kind"] not in (EVERY, AWAY, segment.kind) or (asked["tag"] and asked["tag"] not in segment.tags):
        return False
    return all(word in text for word in asked["words"].lower().split())


def _row(segment: Segment, trend: list[int]) -> list[Any]:
    def name() -> None:
        with ui.element("div"):
            with ui.link(target=address(segment.name)).classes("sj-row-link") as link:
                link.props["data-segment"] = segment.name
                ui.label(segment.title).classes("sj-strong")
                if segment.description:
                    ui.label(segment.description).classes("sj-soft sj-segment-about")
            with ui.element("div").classes("sj-row sj-segment-tags"):
                for tag in segment.tags:
                    chip(tag)

    def refreshed() -> None:
        moment(to_ms(segment.refreshed_at) if segment.refreshed_at else None)

    size = "…" if segment.filled == 0 and is_filling(segment) else words.number(segment.size)
    owner = segment.owner or "–"
    return [name, kind_words(segment.kind), size, lambda: small_line(trend), owner, refreshed, lambda: state(segment)]


def state(segment: Segment) -> None:
    """What is out of the ordinary with a segment."""
    now_ms = here().clock.now_ms()
    ends_ms = to_ms(segment.expires_at) if segment.expires_at else None
    if segment.archived_at is not None:
        chip("put away")
    elif ends_ms is not None and ends_ms < now_ms:
        chip("expired", "warn")
    elif segment.trouble:
        chip("needs attention", "bad")
    elif is_filling(segment):
        chip("being worked out")
    elif ends_ms is not None and ends_ms < now_ms + 14 * DAY_MS:
        chip("expires " + words.ago(ends_ms, now_ms), "warn")
