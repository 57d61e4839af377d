"""Addresses nothing is sent to: why, until when; added and taken off by hand, in and out as a file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from nicegui import events, ui

from ...runtime import suppression_list
from ...runtime.csv_file import CsvProblem
from ...runtime.numbers import counted
from ...storage import suppressions as rows
from ...storage import users
from ...storage.columns import from_ms, to_ms
from ...storage.suppressions import Suppressed
from ..auth import may, permitted
from ..frame import button, empty, headline, here, moment, opened, sure, table, visitor

COLUMNS = ("Address", "Channel", "Why", "Since", "Until", "")
CHANNELS = {"": "every channel", "email": "e-mail", "sms": "text message", "push": "push"}
PAGE = 50
LARGEST = 20_000_000  # bytes of a list


@ui.page("/suppressions", title="Suppressed · Sojourn")
@permitted("see")
async def suppressions() -> None:
    """The list, the newest first."""
    who, known = await visitor()
    asked, lines, more = "", [], False
    total = await here().db.aread(lambda tx: rows.count(tx, here().clock.now_ms()))
    lead = f"Nothing is sent to {counted(total, 'address', 'addresses')}." if total else "Nobody is left alone yet."

    with opened("Suppressed", who, known, "Suppressed addresses", lead) as actions:
        with actions:
            search = ui.input(placeholder="Part of an address or a reason").classes("sj-search")
            search.props('outlined dense clearable debounce="300" aria-label="Search suppressed addresses"')
            button("Export", lambda: take_out(), "download")
            if may(who, "edit"):
                button("Import", lambda: _bring(look), "upload_file")
                button("Add an address", lambda: _add(look), "add", kind="main")

        @ui.refreshable
        def listing() -> None:
            if not lines and asked:
                empty("search_off", "No such address", "Addresses and reasons are searched for these letters.")
            elif not lines:
                empty(
                    "block",
                    "The list is empty",
                    "Addresses come here by themselves when a mail server says that nobody is there, "
                    "or by hand when somebody asks you to be left alone.",
                )
            else:
                table(COLUMNS, [_row(one, may(who, "edit"), look) for one in lines])
                if more:
                    with ui.element("div").classes("sj-row"):
                        button("Show more", further, "expand_more")

        @permitted("see")
        async def look() -> None:
            nonlocal asked, lines, more
            asked = (search.value or "").strip()[:200]
            lines = await here().db.aread(lambda tx: rows.listed(tx, asked, None, PAGE))
            more = len(lines) == PAGE
            listing.refresh()

        @permitted("see")
        async def further() -> None:
            nonlocal lines, more
            following = await here().db.aread(lambda tx: rows.listed(tx, asked, lines[-1].id, PAGE))
            lines, more = lines + following, len(following) == PAGE
            listing.refresh()

        @permitted("see")
        async def take_out() -> None:
            text = await asyncio.to_thread(lambda: "".join(suppression_list.written(here().db)))
            ui.download.content(text, "suppressed.csv", "text/csv")

        search.on_value_change(look)
        listing()
        await look()


def _row(one: Suppressed, editable: bool, again: Any) -> list[Any]:
    @permitted("edit")
    async def release() -> None:
        who, _ = await visitor()
        question = f"Write to {one.address} again?"
        if not await sure(question, f"It is left alone because: {one.reason}", "Take it off the list", kind="danger"):
            return
        now_ms = here().clock.now_ms()

        def job(tx: Any) -> None:
            if rows.release(tx, one.id):
                users.note(tx, who.email, "release address", f"suppression {one.id}", now_ms, {"channel": one.channel})

        await here().db.awrite(job)
        ui.notify("It is off the list. Consent is asked for all the same.")
        await again()

    def off() -> None:
        if editable:
            button("Take off", release)

    until = "for good" if one.expires_at is None else from_ms(one.expires_at).date().isoformat()
    return [one.address, CHANNELS.get(one.channel, one.channel), one.reason, lambda: moment(one.created_at), until, off]


async def _add(again: Any) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Send nothing to")
        address = ui.input("E-mail address or phone number").props("outlined dense autofocus").classes("sj-field")
        channel = ui.select(CHANNELS, value="", label="On").props("outlined dense").classes("sj-field")
        reason = (
            ui.input("Why", value="asked to be left alone").props("outlined dense maxlength=300").classes("sj-field")
        )
        until = ui.input("Until (empty: for good)").props('outlined dense type="date" stack-label').classes("sj-field")

        @permitted("edit")
        async def save() -> None:
            who, _ = await visitor()
            now_ms = here().clock.now_ms()
            try:
                kept = suppression_list.address_of((address.value or "").strip())
                day = datetime.fromisoformat(until.value).replace(tzinfo=UTC) if until.value else None
            except ValueError as problem:
                ui.notify(str(problem), type="negative")
                return
            expires = to_ms(day) if day else None
            if expires is not None and expires <= now_ms:
                ui.notify("The day lies in the past: choose a later one, or none.", type="negative")
                return

            def job(tx: Any) -> None:
                rows.suppress(
                    tx, kept, channel.value or "", (reason.value or "by hand")[:300], now_ms, expires_at=expires
                )
                users.note(tx, who.email, "suppress", "", now_ms, {"channel": channel.value or ""})

            await here().db.awrite(job)
            dialog.close()
            ui.notify("Nothing is sent there any more.", type="positive")
            await again()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Add", save, kind="main")


async def _bring(again: Any) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "A list of addresses")
        ui.label(
            "A CSV file with a column named address, and where wanted channel, reason and expires (a date)."
        ).classes("sj-soft")
        said = ui.element("div").props('role="status"')

        @permitted("edit")
        async def take(upload: events.UploadEventArguments) -> None:
            content = (await upload.file.read()).decode("utf-8", "replace")
            now_ms = here().clock.now_ms()
            said.clear()
            try:
                taken = await asyncio.to_thread(suppression_list.take_in, here().db, content, now_ms)
            except CsvProblem as problem:
                with said:
                    ui.label(str(problem))
                return
            with said:
                ui.label(f"{counted(taken.rows, 'line')} read, {counted(taken.added, 'address', 'addresses')} added.")
                if taken.bad:
                    table(("Line", "What is wrong"), [(str(line), why) for line, why in taken.bad[:100]])
            await again()

        picker = ui.upload(on_upload=take, auto_upload=True, max_file_size=LARGEST, label="Choose a file")
        picker.props('accept=".csv,.txt" flat bordered').classes("sj-field")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)
