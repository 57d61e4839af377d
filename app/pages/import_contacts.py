"""Bringing contacts in from a CSV file: upload, look, run, and what was left out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import events, ui
from nicegui.element import Element

from ...runtime import imports
from ...runtime.csv_file import CsvProblem
from ...runtime.imports import Preview
from ...runtime.numbers import counted
from ...storage import imports as runs
from ...storage.contacts import ImportRun
from .. import words
from ..auth import permitted
from ..frame import button, empty, headline, here, table, visitor
from ..harden import UPLOAD_LIMIT

MEANINGS = {"": "Leave out", "email": "E-mail address", "external_id": "Your id of them", "phone": "Phone"}
SHOWN_ROWS = 4
SHOWN_BAD = 100


@permitted("edit")
async def import_dialog(done: Callable[[], Any]) -> None:
    """The whole way, in one dialog; ``done`` is called after a run."""
    with ui.dialog(value=True).props("persistent") as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Import contacts")
        place = ui.element("div").classes("sj-stack")
        with place:
            _upload(dialog, place, done)


def _upload(dialog: ui.dialog, place: Element, done: Callable[[], Any]) -> None:
    ui.label("A CSV file with an e-mail address or an id of your own in each line; its first line names the columns.")

    @permitted("edit")
    async def came(arguments: events.UploadEventArguments) -> None:
        path = _waiting_room() / f"{secrets.token_hex(8)}.csv"
        await arguments.file.save(path)
        try:
            preview = await asyncio.to_thread(imports.sniff, path)
        except CsvProblem as problem:
            path.unlink(missing_ok=True)
            ui.notify(str(problem), type="negative", multi_line=True, timeout=12_000)
            return
        place.clear()
        with place:
            _look(dialog, place, preview, arguments.file.name, done)

    upload = ui.upload(on_upload=came, auto_upload=True, max_files=1, max_file_size=UPLOAD_LIMIT, label="Choose a file")
    upload.props('accept=".csv,.tsv,.txt" flat')
    upload.on_rejected(lambda: ui.notify(f"At most {UPLOAD_LIMIT // 2**20} MB, one file at a time.", type="warning"))
    with ui.element("div").classes("sj-dialog-actions"):
        button("Cancel", dialog.close)


def _look(dialog: ui.dialog, place: Element, preview: Preview, name: str, done: Callable[[], Any]) -> None:
    ui.label(f"{name}: {counted(len(preview.columns), 'column')}, {preview.dialect.encoding}, what each becomes:")
    chosen: dict[str, ui.select] = {}
    with ui.element("div").classes("sj-mapping"):
        for number, column in enumerate(preview.columns):
            with ui.element("div"):
                ui.label(column.name).classes("sj-strong sj-break")
                samples = [row[number] for row in preview.rows[:SHOWN_ROWS] if row[number]]
                ui.label(", ".join(samples) or "empty").classes("sj-soft sj-clip")
            options = {**MEANINGS, column.target: MEANINGS.get(column.target, f"Property {column.target}")}
            select = ui.select(options, value=column.target).props('outlined dense options-dense aria-label="Becomes"')
            chosen[column.name] = select

    @permitted("edit")
    async def go() -> None:
        who, _ = await visitor()
        mapping = {column: str(select.value or "") for column, select in chosen.items()}
        seen = [0, 0]

        def progress(rows: int, total: int) -> None:
            seen[:] = rows, total

        place.clear()
        with place:
            ui.label("Contacts are coming in …")
            bar = ui.linear_progress(0, show_value=False).props('rounded aria-label="Progress"')
            ticking = ui.timer(0.3, lambda: bar.set_value(seen[0] / seen[1] if seen[1] else 0))
        try:
            instance = here()
            run = await asyncio.to_thread(
                imports.run, instance.db, preview.path, mapping, instance.clock, who.email, progress
            )
            bad = await instance.db.aread(lambda tx: runs.errors(tx, run.id or 0, SHOWN_BAD))
        except CsvProblem as problem:
            ui.notify(str(problem), type="negative", multi_line=True, timeout=12_000)
            place.clear()
            with place:
                _look(dialog, place, preview, name, done)
            return
        finally:
            ticking.cancel()
        preview.path.unlink(missing_ok=True)
        place.clear()
        with place:
            _result(dialog, run, bad)
            await done()  # in here: the button that was clicked is gone

    @permitted("edit")
    async def cancel() -> None:
        preview.path.unlink(missing_ok=True)
        dialog.close()

    with ui.element("div").classes("sj-dialog-actions"):
        button("Cancel", cancel)
        button("Import", go, kind="main")


def _result(dialog: ui.dialog, run: ImportRun, bad: list[Any]) -> None:
    shown = (("Rows", run.rows), ("New", run.created), ("Changed", run.changed), ("As before", run.unchanged))
    with ui.element("div").classes("sj-figures"):
        for label, value in (*shown, ("Left out", run.bad)):
            with ui.element("div").classes("sj-figure"):
                ui.label(words.number(value)).classes("sj-figure-number")
                ui.label(label).classes("sj-soft")
    if bad:
        ui.label("Lines to look at")
        table(("Line", "What is wrong", "It says"), [(str(line), reason, raw[:120]) for line, reason, raw in bad])
    else:
        empty("done_all", "Every line was taken in", "The same file again changes nothing.")
    with ui.element("div").classes("sj-dialog-actions"):
        button("Done", dialog.close, kind="main")


def _waiting_room() -> Path:
    folder = here().home / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
