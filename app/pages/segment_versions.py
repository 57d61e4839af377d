"""The versions of a segment's rule: who wrote which and why, what became different, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import pairwise

from nicegui import ui

from ...runtime import segments
from ...runtime.segment_changes import changes
from ...runtime.segment_words import Titles, sentence
from ...runtime.segments import SegmentProblem
from ...storage import users
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.segments import Segment, SegmentVersion
from ..auth import Who, may, permitted
from ..frame import button, card, chip, here, moment, sure, visitor
from .segment_parts import fill_soon

AT_FIRST = 5
Again = Callable[[], Awaitable[None]]


def version_list(segment: Segment, versions: list[SegmentVersion], who: Who, again: Again, titles: Titles) -> None:
    """The newest first, the older ones folded away."""
    before = {version.revision: older.rule for version, older in pairwise(versions)}
    with card("Versions") as box:
        box.props["data-mark"] = "versions"
        for version in versions[:AT_FIRST]:
            _version(segment, version, before.get(version.revision), who, again, titles)
        if versions[AT_FIRST:]:
            with ui.element("details").classes("sj-numbers"):
                with ui.element("summary"):
                    ui.label(f"{len(versions) - AT_FIRST} older")
                for version in versions[AT_FIRST:]:
                    _version(segment, version, before.get(version.revision), who, again, titles)


def _version(segment: Segment, version: SegmentVersion, before: object, who: Who, again: Again, titles: Titles) -> None:
    now = version.revision == segment.revision
    with ui.element("div").classes("sj-version") as row:
        row.props["data-version"] = version.revision
        with ui.element("div").classes("sj-row"):
            ui.label(f"Version {version.revision}").classes("sj-strong")
            if now:
                chip("now", "good")
            moment(to_ms(version.created_at))
            if version.author:
                ui.label(f"by {version.author}").classes("sj-soft sj-break")
        if version.note:
            ui.label(f"“{version.note}”").classes("sj-break")
        for text in changes(before, version.rule, titles) if before is not None else [sentence(version.rule, titles)]:
            ui.label(text).classes("sj-soft sj-break")
        if not now and may(who, "edit"):
            button("Restore", partial(_restore, segment, version, again), "history")


async def _restore(segment: Segment, version: SegmentVersion, again: Again) -> None:
    @permitted("edit")
    async def restore() -> None:
        actor, _ = await visitor()
        at = here()
        now_ms = at.clock.now_ms()

        def job(tx: Tx) -> None:
            kept = segments.restore(tx, segment.name, version.revision, actor.email, now_ms)
            told = {"as": version.revision, "version": kept.revision}
            users.note(tx, actor.email, "segment restored", segment.name, now_ms, told)

        try:
            await at.db.awrite(job)
        except (SegmentProblem, segments.NoSuchSegment) as problem:
            ui.notify(str(problem), type="warning", multi_line=True)
            return
        fill_soon(segment.name)
        await again()

    if await sure(
        f"Restore version {version.revision}?",
        "Its rule becomes the newest version; people come in and go out by it, and journeys are told.",
        "Restore",
    ):
        await restore()
