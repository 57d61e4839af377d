"""Bringing contacts or events in from a file: upload, look, run, and what was left out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nicegui import events, ui

from ...runtime import imports
from ...runtime.consent_words import NoBasis, target_of
from ...runtime.csv_file import CsvProblem
from ...runtime.imports import Preview
from ...runtime.numbers import counted
from ...storage import imports as runs
from ...storage import topics
from ...storage.contacts import ImportRun
from ...storage.imports import AnotherRuns
from .. import words
from ..auth import permitted
from ..frame import button, empty, headline, here, table, visitor
from ..harden import UPLOAD_LIMIT

MEANINGS = {
    "contacts": {"": "Leave out", "email": "E-mail address", "external_id": "Your id of them", "phone": "Phone"},
    "events": {
        "": "Leave out",
        "external_id": "Your id of them",
        "email": "E-mail address",
        "anonymous_id": "Id of a device",
        "event": "Name of the event",
        "at": "When it happened",
        "message_id": "Id of the event",
    },
}
LEADS = {
    "contacts": "A CSV or Parquet file with an e-mail address or an id of your own in each line; its first line names "
    "the columns.",
    "events": "A CSV or Parquet file with whose event it is and when it happened in each line; its first line names "
    "the columns. These are history: they start no journey.",
}
SHOWN_ROWS = 4
SHOWN_BAD = 1_000


@permitted("edit")
async def import_dialog(done: Callable[[], Awaitable[Any]], kind: str = "contacts") -> None:
    """The whole way, in one dialog; ``done`` is called after a run."""
    with ui.dialog(value=True).props("persistent") as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Import contacts" if kind == "contacts" else "Import events")
        with ui.element("div").classes("sj-stack") as place:
            _Import(dialog, place, kind, done).upload()


@permitted("edit")
async def show_errors(run: int, count: int) -> None:
    """The lines a run left out."""
    bad = await here().db.aread(lambda tx: runs.errors(tx, run, SHOWN_BAD))
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"{counted(count, 'line')} left out")
        _errors(bad)
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close, kind="main")


class _Import:
    """One dialog on its way."""

    def __init__(self, dialog: ui.dialog, place: ui.element, kind: str, done: Callable[[], Awaitable[Any]]) -> None:
        self._dialog, self._place, self._kind, self._done = dialog, place, kind, done
        self._name = ""

    def upload(self) -> None:
        """Ask for the file."""
        ui.label(LEADS[self._kind])

        @permitted("edit")
        async def came(arguments: events.UploadEventArguments) -> None:
            path = _waiting_room() / f"{secrets.token_hex(8)}.upload"
            await arguments.file.save(path)
            self._name = arguments.file.name
            try:
                preview = await asyncio.to_thread(imports.sniff, path, self._kind)
                known = await asyncio.to_thread(imports.remembered, here().db, preview)
            except CsvProblem as problem:
                path.unlink(missing_ok=True)
                ui.notify(str(problem), type="negative", multi_line=True, timeout=12_000)
                return
            named = [one.name for one in await here().db.aread(topics.catalogue)]
            self._place.clear()
            with self._place:
                self._look(path, preview, known, named)

        limit = UPLOAD_LIMIT
        upload = ui.upload(on_upload=came, auto_upload=True, max_files=1, max_file_size=limit, label="Choose a file")
        upload.props('accept=".csv,.tsv,.txt,.parquet" flat')
        too_much = f"At most {limit // 2**20} MB, one file at a time; larger ones by `sojourn import`."
        upload.on_rejected(lambda: ui.notify(too_much.replace("`", ""), type="warning"))
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", self._dialog.close)

    def _look(self, path: Path, preview: Preview, known: dict[str, str], named: list[str]) -> None:
        columns = counted(len(preview.columns), "column")
        ui.label(f"{self._name}: {columns}, {preview.dialect.encoding}, what each becomes:")
        chosen: dict[str, ui.select] = {}
        meanings = dict(MEANINGS[self._kind])
        if self._kind == "contacts":
            meanings |= {f"consent.email.{topic}": f"Agreed by e-mail to {topic}" for topic in named}
        with ui.element("div").classes("sj-mapping"):
            for number, column in enumerate(preview.columns):
                with ui.element("div"):
                    ui.label(column.name).classes("sj-strong sj-break")
                    samples = [row[number] for row in preview.rows[:SHOWN_ROWS] if row[number]]
                    ui.label(", ".join(samples) or "empty").classes("sj-soft sj-clip")
                targets = [target for target in (column.target, known[column.name]) if target]
                options = {**meanings, **{one: meanings.get(one) or _meaning(one) for one in targets}}
                select = ui.select(options, value=known[column.name])
                chosen[column.name] = select.props('outlined dense options-dense aria-label="Becomes"')
        event = ui.input("Name of the event, where no column has it").props('outlined dense maxlength="200"')
        event.classes("sj-field").set_visibility(self._kind == "events")
        basis = ui.input("What the consents rest on: where and how they agreed").props('outlined dense maxlength="300"')
        basis.classes("sj-field").set_visibility(False)

        def said() -> None:
            basis.set_visibility(any(target_of(str(select.value or "")) for select in chosen.values()))

        for select in chosen.values():
            select.on_value_change(said)
        said()

        @permitted("edit")
        async def go() -> None:
            mapping = {column: str(select.value or "") for column, select in chosen.items()}
            await self._run(path, preview, mapping, str(event.value or "").strip(), str(basis.value or ""), named)

        @permitted("edit")
        async def cancel() -> None:
            path.unlink(missing_ok=True)
            self._dialog.close()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", cancel)
            button("Import", go, kind="main")

    async def _run(
        self, path: Path, preview: Preview, mapping: dict[str, str], event: str, basis: str, named: list[str]
    ) -> None:
        who, _ = await visitor()
        seen = [0, 0]

        def progress(rows: int, total: int) -> None:
            seen[:] = rows, total

        self._place.clear()
        with self._place:
            told = ui.label("The file is looked through …")
            bar = ui.linear_progress(0, show_value=False).props('rounded aria-label="Progress"')

            def tick() -> None:
                if seen[1]:
                    told.text = f"{words.number(seen[0])} of {counted(seen[1], 'line')} …"
                    bar.set_value(seen[0] / seen[1])

            ticking = ui.timer(0.3, tick)
        instance = here()
        try:
            run = await asyncio.to_thread(
                imports.run, instance.db, path, mapping, instance.clock, who.email, progress,
                kind=self._kind, event=event, name=self._name, basis=basis,
            )  # fmt: skip
            bad = await instance.db.aread(lambda tx: runs.errors(tx, run.id or 0, SHOWN_BAD))
        except (CsvProblem, NoBasis, AnotherRuns) as problem:
            ui.notify(str(problem), type="negative", multi_line=True, timeout=12_000)
            self._place.clear()
            with self._place:
                self._look(path, preview, mapping, named)
            return
        finally:
            ticking.cancel()
        path.unlink(missing_ok=True)
        self._place.clear()
        with self._place:
            self._result(run, bad)

    def _result(self, run: ImportRun, bad: list[Any]) -> None:
        shown = [("Rows", run.rows), ("New", run.created), ("As before", run.unchanged), ("Left out", run.bad)]
        if self._kind == "contacts":
            shown.insert(2, ("Changed", run.changed))
        with ui.element("div").classes("sj-figures"):
            for label, value in shown:
                with ui.element("div").classes("sj-figure"):
                    ui.label(words.number(value)).classes("sj-figure-number")
                    ui.label(label).classes("sj-soft")
        if bad:
            ui.label("Lines to look at")
            _errors(bad)
        else:
            empty("done_all", "Every line was taken in", "The same file again changes nothing.")

        async def leave() -> None:
            self._dialog.close()
            await self._done()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Done", leave, kind="main")


def _meaning(target: str) -> str:
    agreed = target_of(target)
    return f"Agreed by {agreed[0].replace('email', 'e-mail')} to {agreed[1]}" if agreed else f"Property {target}"


def _errors(bad: list[Any]) -> None:
    rows = [(str(line), reason, raw[:120] or "–") for line, reason, raw in bad]
    with ui.element("div").classes("sj-scroll"):
        table(("Line", "What is wrong", "It says"), rows)


def _waiting_room() -> Path:
    folder = here().home / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
