"""What events should look like: every event with its contract, brought in and out as one file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import events, ui

from ...runtime.contracts import catalogue, schema
from ...storage import users
from ...storage.contracts import Contract
from .. import words
from ..auth import may, permitted
from ..frame import button, chip, empty, here, opened, table, visitor

COLUMNS = ("Event", "What it is", "Meant", "Seen", "Broken")
LARGEST = 5_000_000  # bytes of a file of contracts
TONES = {"learn": "", "warn": "warn", "strict": "good"}
LEAD = "What each event should look like. New ones learn from what arrives until you say how strictly they are meant."


@ui.page("/contracts", title="Contracts · Sojourn")
@permitted("see")
async def contracts() -> None:
    """All events, those that arrive first."""
    who, known = await visitor()
    found = await here().db.aread(lambda tx: catalogue.everyone(tx, here().clock.now_ms()))
    found.sort(key=lambda one: (-one.learnt.get("n", 0), one.name))
    with opened("Contracts", who, known, "Contracts", LEAD) as actions:
        with actions:
            search = ui.input(placeholder="Name of an event").classes("sj-search")
            search.props('outlined dense clearable debounce="200" aria-label="Only events of this name"')
            button("Export", _export, "download")
            if may(who, "edit"):
                button("Import", _import_dialog, "upload_file")
                button("New contract", _new_dialog, "add", kind="main")

        @ui.refreshable
        def listing() -> None:
            asked = (search.value or "").strip().lower()
            rows = [one for one in found if asked in one.name.lower() or asked in one.title.lower()]
            if rows:
                table(COLUMNS, [_row(one) for one in rows], numbers=("Seen", "Broken"))
            else:
                empty("search_off", "No event of that name", "It appears here by itself once it has arrived.")

        listing()
        search.on_value_change(listing.refresh)


def address(name: str) -> str:
    """Where the contract of an event is edited."""
    return f"/contracts/event?name={quote(name, safe='')}"


def _row(contract: Contract) -> list[Any]:
    def name() -> None:
        with ui.link(target=address(contract.name)).classes("sj-row-link"):
            ui.label(contract.name).classes("sj-strong sj-break")

    def meant() -> None:
        chip(contract.mode.capitalize(), TONES.get(contract.mode, ""))

    about = contract.title or ("Learnt from what arrives" if contract.origin == "learnt" else "")
    seen = contract.learnt.get("n", 0)
    return [name, about, meant, words.number(seen), words.number(contract.violations)]


@permitted("see")
async def _export() -> None:
    text = await here().db.aread(lambda tx: catalogue.written(catalogue.everyone(tx, here().clock.now_ms())))
    ui.download.content(text, "contracts.json", "application/json")


@permitted("edit")
async def _import_dialog() -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        ui.label("Import contracts").classes("sj-card-title")
        ui.label("A JSON file as Export makes it. All of its contracts are taken in, or none when one is wrong.")

        @permitted("edit")
        async def came(arguments: events.UploadEventArguments) -> None:
            upload.reset()
            if arguments.file.size() > LARGEST:
                ui.notify("At most 5 MB.", type="warning")
                return
            text, (who, _), now_ms = await arguments.file.read(), await visitor(), here().clock.now_ms()

            def job(tx: Any) -> int:
                count = catalogue.bring_in(tx, text, who.email, now_ms)
                users.note(tx, who.email, "contracts imported", str(count), now_ms)
                return count

            try:
                await here().db.awrite(job)
            except (catalogue.BadContracts, schema.BadSchema) as problem:
                ui.notify(str(problem), type="negative", multi_line=True, timeout=12_000)
                return
            ui.navigate.to("/contracts")

        upload = ui.upload(on_upload=came, auto_upload=True, max_file_size=LARGEST, label="Choose a file")
        upload.props('accept=".json" flat')
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)


@permitted("edit")
async def _new_dialog() -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        ui.label("New contract").classes("sj-card-title")
        name = ui.input("Name of the event").props('outlined dense autofocus maxlength="200"').classes("sj-field")
        ui.label("As your site or system sends it, such as booked_table.").classes("sj-soft sj-hint")

        @permitted("edit")
        async def make() -> None:
            wanted = str(name.value or "").strip()
            who, _ = await visitor()
            now_ms = here().clock.now_ms()
            before = await here().db.aread(lambda tx: catalogue.named(tx, wanted, now_ms))
            if before is None:
                form = {"type": "object", "properties": {}}
                try:
                    await here().db.awrite(lambda tx: catalogue.change(tx, wanted, form, "warn", who.email, now_ms))
                except catalogue.BadContracts as problem:
                    ui.notify(str(problem), type="negative")
                    return
            ui.navigate.to(address(wanted))

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Make it", make, kind="main")
