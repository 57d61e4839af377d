"""What can be done with a segment: changed, copied, taken away as a file, put away, deleted."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from nicegui import ui

from ...runtime import segments
from ...runtime.segments import Use
from ...storage import users
from ...storage.database import Tx
from ...storage.segments import Segment
from ..auth import Who, may, permitted
from ..frame import button, here, sure, visitor
from .segment_parts import address, fill_soon


def actions_of(segment: Segment, uses: list[Use], who: Who) -> None:
    """The buttons of the page's head, for those who may press them."""
    if not may(who, "edit"):
        return
    name, is_away = segment.name, segment.archived_at is not None

    @permitted("edit")
    async def export() -> None:
        ui.download.from_url(f"/in-and-out/export/contacts.csv?segment={quote(name, safe='')}")

    @permitted("edit")
    async def put_away() -> None:
        consequence = "It is in no list and not kept up to date any more. You can take it out again."
        if uses:
            ui.notify(in_use(segment, uses, "put away"), type="warning", multi_line=True)
            return
        if not await sure(f"Put {segment.title} away?", consequence, "Put it away"):
            return
        if await _done("segment put away", name, lambda tx, now: segments.put_away(tx, name, True, now)):
            ui.navigate.to("/segments")

    @permitted("edit")
    async def take_out() -> None:
        if await _done("segment taken out", name, lambda tx, now: segments.put_away(tx, name, False, now)):
            fill_soon(name)
            ui.navigate.to(address(name))

    @permitted("edit")
    async def delete() -> None:
        consequence = "Its versions and its history go for good. Putting it away keeps them."
        if uses:
            ui.notify(in_use(segment, uses, "deleted"), type="warning", multi_line=True)
            return
        if not await sure(f"Delete {segment.title}?", consequence, "Delete for good", kind="danger"):
            return
        if await _done("segment deleted", name, lambda tx, now: segments.delete(tx, name)):
            ui.navigate.to("/segments")

    button("Export CSV", export, "download").props('data-mark="export"')
    opener = button("More", lambda: None, "more_horiz")
    with opener, ui.menu().classes("sj-menu"):
        _entry("Duplicate", "content_copy", lambda: ui.navigate.to(f"/segments/new?copy={quote(name, safe='')}"))
        if is_away:
            _entry("Take out again", "unarchive", take_out)
        else:
            _entry("Put away", "archive", put_away)
        _entry("Delete", "delete", delete)
    if not is_away:
        button("Edit", lambda: ui.navigate.to(address(name, "/edit")), "edit", kind="main")


def in_use(segment: Segment, uses: list[Use], what: str) -> str:
    """Why it has to stay."""
    named = ", ".join(f"the {use.kind} “{use.title or use.name}”" for use in uses[:5])
    more = f" and {len(uses) - 5} more" if len(uses) > 5 else ""
    return f"“{segment.title}” cannot be {what}: {named}{more} asks about it. Take it out there first."


async def _done(what: str, name: str, change: Callable[[Tx, int], object]) -> bool:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Tx) -> None:
        change(tx, now_ms)
        users.note(tx, who.email, what, name, now_ms)

    try:
        await here().db.awrite(job)
    except (segments.SegmentInUse, segments.NoSuchSegment) as problem:
        ui.notify(str(problem).replace("`", ""), type="warning", multi_line=True)
        return False
    return True


def _entry(text: str, icon: str, on_click: Callable[[], object]) -> None:
    with ui.menu_item(on_click=on_click).classes("sj-form-act"):
        ui.icon(icon)
        ui.label(text)
