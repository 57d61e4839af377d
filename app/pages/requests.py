"""What people asked for about their own data, the one that waits longest first, with the day it is owed by."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...runtime.governance import privacy
from ...runtime.numbers import counted
from ...storage import requests as rows
from ...storage import users, views
from ...storage.columns import from_ms
from ...storage.requests import ERASURE, Request
from .. import words
from ..auth import may, permitted
from ..frame import button, chip, empty, headline, here, moment, opened, sure, table, visitor
from .person_actions import take_file

MONTH_MS = 30 * 86_400_000  # the law wants an answer within a month
SOON_MS = 7 * 86_400_000
OPEN = ("Contact", "Wish", "Asked", "Owed by", "")
ANSWERED = ("Contact", "Wish", "Answer", "By", "When")
WISHES = {"export": "a file of what we keep", "erasure": "to be erased"}


@ui.page("/requests", title="Requests · Sojourn")
@permitted("see")
async def requests() -> None:
    """Open wishes, then the answered ones."""
    who, known = await visitor()

    def read(tx: Any) -> tuple[list[Request], list[Request], dict[int, Any]]:
        waiting, done = rows.listed(tx), [*rows.listed(tx, "done"), *rows.listed(tx, "refused")]
        return waiting, done, views.contacts_by_id(tx, sorted({one.contact_id for one in (*waiting, *done)}))

    seen = await here().db.aread(read)
    lead = "People write them in the preference centre. The law wants an answer within a month."
    with opened("Requests", who, known, "Requests", lead):

        @ui.refreshable
        def listing() -> None:
            waiting, done, people = seen
            if not waiting:
                empty("task_alt", "Nobody waits for an answer", "Wishes from the preference centre stand here.")
            else:
                table(OPEN, [_open(one, people, may(who, "erase"), again) for one in waiting])
            if done:
                ui.label(f"Answered ({counted(len(done), 'request')})").classes("sj-card-title")
                answered = sorted(done, key=lambda one: -(one.handled_at or 0))
                table(ANSWERED, [_answered(one, people) for one in answered])

        async def again() -> None:
            nonlocal seen
            seen = await here().db.aread(read)
            listing.refresh()

        listing()


def _person(one: Request, people: dict[int, Any]) -> Any:
    found = people.get(one.contact_id)

    def link() -> None:
        title = words.title_of(found) if found else f"Contact {one.contact_id}"
        ui.link(title, f"/contacts/{one.contact_id}").classes("sj-strong")

    return link


def _open(one: Request, people: dict[int, Any], allowed: bool, again: Any) -> list[Any]:
    left_ms = one.asked_at + MONTH_MS - here().clock.now_ms()

    def owed() -> None:
        day = from_ms(one.asked_at + MONTH_MS).date().isoformat()
        chip(f"{day}, overdue" if left_ms < 0 else day, "bad" if left_ms < 0 else "warn" if left_ms < SOON_MS else "")

    def ways() -> None:
        if not allowed:
            return
        with ui.element("div").classes("sj-row"):
            if one.kind == ERASURE:
                button("Erase", lambda: _erase(one, again), kind="danger")
            else:
                button("Make the file", lambda: take_file(one.contact_id), "download")
                button("It was sent", lambda: _close(one, "done", "", again), kind="main")
            button("Refuse", lambda: _refuse(one, again))

    return [_person(one, people), WISHES.get(one.kind, one.kind), lambda: moment(one.asked_at), owed, ways]


def _answered(one: Request, people: dict[int, Any]) -> list[Any]:
    said = "done" if one.status == "done" else f"refused: {one.note}"
    return [
        _person(one, people), WISHES.get(one.kind, one.kind), said, one.handled_by or "", lambda: moment(one.handled_at)
    ]  # fmt: skip


@permitted("erase")
async def _erase(one: Request, again: Any) -> None:
    who, _ = await visitor()
    consequence = (
        "Their journeys end, everything that names them goes, other records with the same e-mail address too, "
        "and it cannot be taken back."
    )
    if not await sure("Erase this person?", consequence, "Erase for good", kind="danger"):
        return
    at = here()
    try:
        done = await asyncio.to_thread(privacy.erase, at.db, at.home, one.contact_id, who.email, at.clock.now_ms())
    except privacy.NobodyToErase:
        await _close(one, "done", "", again)
        return
    at.runtime.nudge()
    ui.notify(done.words, type="positive", multi_line=True)
    await again()


@permitted("erase")
async def _close(one: Request, status: str, note: str, again: Any) -> None:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Any) -> None:
        if rows.answer(tx, one.id or 0, status, who.email, note, now_ms):
            users.note(tx, who.email, f"request {status}", f"contact {one.contact_id}", now_ms, {"kind": one.kind})

    await here().db.awrite(job)
    await again()


async def _refuse(one: Request, again: Any) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Why is it refused?")
        ui.label("The person has a right to know the reason, and to complain to the authority.").classes("sj-soft")
        reason = ui.textarea("Reason").props("outlined dense autogrow autofocus maxlength=500").classes("sj-field")

        @permitted("erase")
        async def refuse() -> None:
            why = (reason.value or "").strip()[:500]
            if not why:
                ui.notify("Write the reason down first.", type="negative")
                return
            dialog.close()
            await _close(one, "refused", why, again)

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Refuse", refuse, kind="danger")
