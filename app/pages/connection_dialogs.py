"""Connections: the list with how each run went, and the dialog that makes one."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...runtime.exchange import foreign, pulls
from ...runtime.imports import KINDS
from ...storage import connections, users
from ...storage.columns import from_ms, to_ms
from ...storage.connections import Connection
from ..auth import permitted
from ..frame import button, chip, empty, here, moment, sure, table, visitor

HERE = "/in-and-out?part=connections"
SOURCES = {"database": "A database", "folder": "A folder of this machine"}
EVERY = {5: "every 5 minutes", 15: "every 15 minutes", 60: "every hour", 360: "every 6 hours", 1_440: "every day",
         10_080: "every week"}  # fmt: skip
TONES = {"done": "good", "failed": "bad", "running": "warn"}


def connection_list(found: list[Connection], editable: bool) -> None:
    """All connections; ``editable`` for the owner."""
    with ui.element("div").classes("sj-stack sj-wide"):
        if editable:
            with ui.element("div").classes("sj-row"):
                button("New connection", _new_dialog, "add", kind="main")
        if not found:
            empty("sync", "No connection yet", "A query of your database or a folder can bring data by itself.")
            return
        table(
            ("Connection", "From", "Brings", "State", "How it went", "When", ""), [_row(one, editable) for one in found]
        )


def _row(one: Connection, editable: bool) -> list[Any]:
    def state() -> None:
        if one.status == "off":
            chip("off")
        else:
            chip(one.state or "not run yet", TONES.get(one.state, ""))

    def when() -> None:
        moment(to_ms(one.ran_at) if one.ran_at else None)

    def acts() -> None:
        if editable:
            with ui.element("div").classes("sj-row"):
                button("Run now", lambda: _run(one.id or 0), "play_arrow")
                button("Turn on" if one.status == "off" else "Turn off", lambda: _turn(one.id or 0))
                button("Delete", lambda: _delete(one), kind="danger")

    what = f"{KINDS.get(one.brings, '')} {EVERY.get(one.minutes, f'every {one.minutes} minutes')}"
    return [one.title, one.shown, what, state, one.said or "–", when, acts]


@permitted("settings")
async def _run(number: int) -> None:
    who, _ = await visitor()
    instance = here()
    ui.notify("Looking …")
    said = await asyncio.to_thread(pulls.run, instance.db, instance.clock, instance.secrets, number, who.email)
    ui.notify(said, multi_line=True, timeout=10_000)
    ui.navigate.to(HERE)


@permitted("settings")
async def _turn(number: int) -> None:
    def job(tx: Any) -> None:
        kept = connections.get(tx, number)
        if kept is not None:
            kept.status = "off" if kept.status == "on" else "on"
            connections.keep(tx, kept)

    await here().db.awrite(job)
    ui.navigate.to(HERE)


@permitted("settings")
async def _delete(one: Connection) -> None:
    if await sure(f"Delete {one.title}?", "What it brought stays; nothing more is fetched.", "Delete", kind="danger"):
        who, _ = await visitor()
        now_ms = here().clock.now_ms()

        def job(tx: Any) -> None:
            connections.remove(tx, one.id or 0)
            users.note(tx, who.email, "connection deleted", one.title, now_ms)

        await here().db.awrite(job)
        ui.navigate.to(HERE)


@permitted("settings")
async def _new_dialog() -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        ui.label("New connection").classes("sj-card-title")
        title = ui.input("Name").props('outlined dense autofocus maxlength="200"').classes("sj-field")
        kind = ui.select(SOURCES, value="database", label="From").props("outlined dense").classes("sj-field")
        with ui.element("div").classes("sj-stack") as database:
            url = ui.input("Address of the database").props('outlined dense autocomplete="off"').classes("sj-field")
            ui.label(
                "Such as postgresql://reader:password@host/shop. Kept sealed, shown without its password."
            ).classes("sj-soft sj-hint")
            query = ui.textarea("Query").props('outlined dense autogrow spellcheck="false"').classes("sj-mono sj-field")
            ui.label("One SELECT; it is only ever read. Its columns are named like those of a file.").classes(
                "sj-soft sj-hint"
            )
            key = ui.input("Column that tells what is new (optional)").props("outlined dense").classes("sj-field")
            ui.label("Such as id or updated_at: each run goes on where the last one ended.").classes("sj-soft sj-hint")
        database.bind_visibility_from(kind, "value", value="database")
        folder = ui.input("Folder").props("outlined dense").classes("sj-field")
        folder.bind_visibility_from(kind, "value", value="folder")
        brings = ui.select(KINDS, value="contacts", label="Brings").props("outlined dense").classes("sj-field")
        event = ui.input("Name of the event, where no column has it").props("outlined dense").classes("sj-field")
        event.bind_visibility_from(brings, "value", value="events")
        every = ui.select(EVERY, value=60, label="How often").props("outlined dense").classes("sj-field")

        @permitted("settings")
        async def make() -> None:
            who, _ = await visitor()
            instance, now_ms = here(), here().clock.now_ms()
            made = Connection(
                title=str(title.value or "").strip()[:200], kind=str(kind.value), brings=str(brings.value),
                shown=str(folder.value or "").strip(), query=str(query.value or ""),
                event=str(event.value or "").strip(),
                key_column=str(key.value or "").strip(), minutes=int(every.value or 60), created_at=from_ms(now_ms),
            )  # fmt: skip
            address = str(url.value or "").strip()

            def job(tx: Any) -> None:
                pulls.make(tx, instance.secrets.seal, made, address, instance.home, who.email, now_ms)
                users.note(tx, who.email, "connection made", made.title, now_ms)

            try:
                await instance.db.awrite(job)
            except (pulls.ConnectionProblem, foreign.ForeignProblem) as problem:
                ui.notify(str(problem), type="negative", multi_line=True, timeout=10_000)
                return
            ui.navigate.to(HERE)

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Make it", make, kind="main")
