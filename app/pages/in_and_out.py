"""Data in and out: files that came, files to take away, connections that fetch, webhooks that tell."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from ...runtime.imports import KINDS
from ...storage import catalog, connections, imports, segments, webhooks
from ...storage.columns import to_ms
from ...storage.contacts import ImportRun
from .. import words
from ..auth import may, permitted
from ..frame import button, card, chip, empty, here, moment, opened, table, visitor
from .connection_dialogs import connection_list
from .import_contacts import import_dialog, show_errors
from .webhook_dialogs import webhook_list

LEAD = "Files, databases and folders that bring data, and systems that are told."
TONES = {"done": "good", "failed": "bad", "running": "warn"}
PARTS = {"files": "Files", "connections": "Connections", "webhooks": "Webhooks"}


@ui.page("/in-and-out", title="In and out · Sojourn")
@permitted("see")
async def in_and_out(part: str = "files") -> None:
    """Three parts, as tabs."""
    who, known = await visitor()

    def read(tx: Any) -> tuple[Any, ...]:
        return (
            imports.runs(tx), connections.everyone(tx), webhooks.everyone(tx), webhooks.counts(tx),
            [one.name for one in segments.segments(tx)], catalog.event_names(tx),
        )  # fmt: skip

    runs, sources, hooks, counts, segment_names, event_names = await here().db.aread(read)
    with opened("In and out", who, known, "In and out", LEAD):
        with ui.tabs().props('align="left" no-caps inline-label') as tabs:
            files = ui.tab("files", label="Files", icon="description")
            fetched = ui.tab("connections", label="Connections", icon="sync")
            told = ui.tab("webhooks", label="Webhooks", icon="webhook")
        with ui.tab_panels(tabs, value=part if part in PARTS else "files").classes("sj-panels"):
            with ui.tab_panel(files), ui.element("div").classes("sj-stack sj-wide"):
                _files(runs, segment_names, event_names, may(who, "edit"))
            with ui.tab_panel(fetched):
                connection_list(sources, may(who, "settings"))
            with ui.tab_panel(told):
                webhook_list(hooks, counts, sorted(event_names), segment_names, may(who, "settings"))


def _files(runs: list[ImportRun], segment_names: list[str], event_names: list[str], editable: bool) -> None:
    if editable:
        with ui.element("div").classes("sj-row"):
            button("Import contacts", lambda: import_dialog(_again), "upload_file", kind="main")
            button("Import events", lambda: import_dialog(_again, "events"), "upload_file")
        with card("Take away", "as it can be imported again"):
            _take_away(segment_names, event_names)
    with card("Files that came", "the same file again changes nothing"):
        if runs:
            table(
                ("File", "What", "New", "Changed", "As before", "Left out", "State", "When", ""),
                [_run(run) for run in runs],
                numbers=("New", "Changed", "As before", "Left out"),
            )
        else:
            empty("upload_file", "No file came yet", "CSV or Parquet, with contacts or with events.")


def _take_away(segment_names: list[str], event_names: list[str]) -> None:
    with ui.element("div").classes("sj-row"):
        what = ui.select(KINDS, value="contacts", label="What").props("outlined dense")
        inside = ui.select({"": "Everybody", **{name: name for name in segment_names}}, value="", label="Segment")
        inside.props("outlined dense").bind_visibility_from(what, "value", value="contacts")
        named = ui.select({"": "All of them", **{name: name for name in sorted(event_names)}}, value="", label="Event")
        named.props("outlined dense").bind_visibility_from(what, "value", value="events")
        ending = ui.select({"csv": "CSV", "parquet": "Parquet"}, value="csv", label="As").props("outlined dense")

        @permitted("edit")
        async def take() -> None:
            if what.value not in KINDS or ending.value not in ("csv", "parquet"):
                return
            asked = {"segment": inside.value} if what.value == "contacts" else {"event": named.value}
            query = urlencode({key: value for key, value in asked.items() if value})
            ui.download(f"/in-and-out/export/{what.value}.{ending.value}" + (f"?{query}" if query else ""))

        button("Download", take, "download")


def _run(run: ImportRun) -> list[Any]:
    def state() -> None:
        chip(run.status, TONES.get(run.status, ""))

    def bad() -> None:
        if run.bad and run.id is not None:
            button("Look", lambda: show_errors(run.id or 0, run.bad))

    figures = [words.number(n) for n in (run.created, run.changed, run.unchanged, run.bad)]
    return [run.file_name, KINDS.get(run.kind, run.kind), *figures, state, lambda: moment(to_ms(run.started_at)), bad]


async def _again() -> None:
    ui.navigate.to("/in-and-out")
