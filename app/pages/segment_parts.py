"""Parts the pages of segments share: a small line of sizes, what a kind is called, being brought up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from ...runtime.segment_checks import KINDS
from ...runtime.segment_refresh import refresh
from ...storage.segments import Segment
from ..frame import here
from ..instance import Instance

log = logging.getLogger("sojourn.face")

WIDE, HIGH = 96, 26  # pixels of a small line
DAY_MS = 86_400_000


def address(name: str, part: str = "") -> str:
    """The page of a segment."""
    return f"/segments/{quote(name, safe='')}{part}"


def kind_words(kind: str) -> str:
    """A kind as people read it."""
    return KINDS.get(kind, kind)


def is_filling(segment: Segment) -> bool:
    """Whether it is being worked out who is in it."""
    return segment.filled != segment.revision and segment.archived_at is None and not segment.trouble


def fill_soon(name: str) -> None:
    """Work out who is in a segment, whether or not anybody waits for it."""
    background_tasks.create(_fill(here(), name), name="working out a segment")


async def _fill(at: Instance, name: str) -> None:
    try:
        done = await asyncio.to_thread(refresh, at.db, at.shelf, name, at.clock.now_ms())
    except Exception:  # the round that keeps segments up to date says what is wrong on the page
        log.exception("the segment %s could not be worked out", name)
        return
    if done.due:
        at.runtime.nudge()


def small_line(values: Sequence[int]) -> None:
    """A line without axes, for a row of a list; words for those who do not see it."""
    if len(values) < 2:
        ui.label("–").classes("sj-soft")
        return
    low, high = min(values), max(values)
    across, tall = WIDE / (len(values) - 1), (HIGH - 6) / (high - low or 1)
    points = " ".join(f"{n * across:.1f},{HIGH - 3 - (value - low) * tall:.1f}" for n, value in enumerate(values))
    drawn = f'<svg viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}"><polyline points="{points}"/></svg>'
    made = ui.html(drawn, sanitize=False).classes("sj-small-line").props('role="img"')
    made.props["aria-label"] = f"From {values[0]:,} to {values[-1]:,} in {len(values)} days"


def day_by_day(rows: Sequence[Any], today: int, most: int) -> list[tuple[int, int, int, int]]:
    """``(day, size, joined, left)`` of each day up to today; what was not noted stays as the day before."""
    noted = {day: (size, joined, left) for day, size, joined, left in rows}
    if not noted:
        return []
    days: list[tuple[int, int, int, int]] = []
    size = 0
    for day in range(min(noted), max(today, max(noted)) + 1):
        size, joined, left = noted.get(day, (size, 0, 0))
        days.append((day, size, joined, left))
    return days[-most:]
