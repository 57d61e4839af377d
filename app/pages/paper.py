"""Letters on paper: what waits, the batches that were closed, and their files for the printer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nicegui import ui
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.paper import batches
from ...storage import mail_pieces, users
from ...storage.mail_pieces import Batch
from .. import words
from ..auth import key_of, may, permitted
from ..frame import button, card, chip, empty, here, moment, opened, sure, table, visitor

if TYPE_CHECKING:
    from ..instance import Instance

LEAD = "Letters are collected into batches; each is a ZIP with PDF and a list of addresses, for the printer."


def routes(instance: Instance) -> list[Route]:
    """``/paper/batch-12.zip``, for those who may edit."""

    async def download(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "edit"):
            return PlainTextResponse("Sign in as somebody who may edit.", 403)
        number, now_ms = request.path_params["number"], instance.clock.now_ms()
        try:
            file = await asyncio.to_thread(batches.write, instance.db, instance.home, number, now_ms)
        except batches.NoSuchBatch as problem:
            return PlainTextResponse(str(problem), 404)

        def note(tx: Any) -> None:
            mail_pieces.taken(tx, number, who.email, now_ms)
            users.note(tx, who.email, "exported", f"letters of batch {number}", now_ms)

        await instance.db.awrite(note)
        return FileResponse(
            file, media_type="application/zip", filename=file.name, headers={"cache-control": "no-store"}
        )

    return [Route("/paper/batch-{number:int}.zip", download)]


@ui.page("/paper", title="Letters on paper · Sojourn")
@permitted("see")
async def page() -> None:
    """What waits by account, and the newest batches."""
    who, known = await visitor()
    waiting, found = await here().db.aread(lambda tx: (mail_pieces.waiting(tx), mail_pieces.batches(tx)))
    with (
        opened("Letters on paper", who, known, "Letters on paper", LEAD),
        ui.element("div").classes("sj-stack sj-wide"),
    ):
        if not waiting and not found:
            empty(
                "local_post_office",
                "No letters on paper yet",
                "A printer's account comes first: see “Channels”.",
                "Then a journey can send letters on paper.",
            )
            return
        if waiting:
            with card("Waiting for the next batch"):
                rows = [
                    [name, words.number(count), lambda since=since: moment(since)]
                    for name, (count, since) in sorted(waiting.items())
                ]
                table(("Account", "Letters", "The oldest came"), rows, numbers=("Letters",))
        if found:
            with card("Batches", "their files are kept for 90 days"):
                rows = [_row(one, may(who, "edit")) for one in found]
                table(("Batch", "Letters", "Closed", "State", ""), rows, numbers=("Letters",))


def _row(batch: Batch, editable: bool) -> list[Any]:
    def state() -> None:
        taken = batch.said == batches.TAKEN
        with ui.element("div"):
            if not batch.left:
                chip("forgotten")
            elif batch.told_at is not None:
                chip("handed over" if taken else "in doubt", "good" if taken else "warn")
            elif batch.taken_at is not None:
                chip("downloaded", "good")
            else:
                chip("waiting", "warn")
            if batch.said and not taken:
                ui.label(batch.said).classes("sj-soft sj-break")
            if batch.taken_by:
                ui.label(f"Downloaded by {batch.taken_by}").classes("sj-soft sj-break")

    def acts() -> None:
        if not editable or not batch.left:
            return
        with ui.element("div").classes("sj-row"):
            button("Download", lambda: ui.download(f"/paper/batch-{batch.id}.zip"), "download")
            if batch.told_at is not None:
                button("Hand over again", lambda: _again(batch.id))

    return [
        f"{batch.id} · {batch.account}", words.number(batch.left), lambda: moment(batch.closed_at), state, acts,
    ]  # fmt: skip


@permitted("edit")
async def _again(number: int) -> None:
    sentence = "Only when the printer does not have it: otherwise people get the letter twice."
    if not await sure(f"Hand batch {number} over again?", sentence, "Hand over", kind="danger"):
        return
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Any) -> None:
        mail_pieces.told(tx, number, "", None)
        users.note(tx, who.email, "handed over again", f"letters of batch {number}", now_ms)

    await here().db.awrite(job)
    ui.notify("It goes out within minutes.")
