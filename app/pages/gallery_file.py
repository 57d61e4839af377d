"""A journey brought in from a file: read, judged, and kept as a draft of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import events, ui

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...runtime import drafts, journey_file
from ...runtime.governance import versions
from ...runtime.journey_file import JourneyFileProblem
from ..auth import permitted
from ..frame import button, chip, headline, here, visitor

LARGEST = 2_000_000  # bytes; what the reader of journey files takes
SHOWN = 50  # sentences


@permitted("edit")
async def import_dialog() -> None:
    """The whole way, in one dialog."""
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Import a journey")
        ui.label("A journey.yaml, or the same as JSON, with its letters inside under mjml.").classes("sj-soft")
        place = ui.element("div").classes("sj-stack")

        @permitted("edit")
        async def came(arguments: events.UploadEventArguments) -> None:
            upload.reset()
            place.clear()
            content, sentences = await read(arguments.file)
            with place:
                if content is None:
                    _refused(sentences)
                else:
                    await _found(content)

        upload = ui.upload(on_upload=came, auto_upload=True, max_file_size=LARGEST, label="Choose a file")
        upload.props('accept=".yaml,.yml,.json" flat')
        upload.on_rejected(lambda: ui.notify("A YAML or JSON file of at most 2 MB.", type="warning"))
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)


async def read(file: Any) -> tuple[dict[str, Any] | None, list[str]]:
    """The content of the journey in an uploaded file, or sentences why not. The browser's own limit is not trusted."""
    if file.size() > LARGEST:
        return None, ["The file is larger than 2 MB; a journey is a text of a few pages."]
    try:
        text = (await file.read()).decode("utf-8-sig")
        return await asyncio.to_thread(journey_file.read, text), []
    except UnicodeDecodeError:
        return None, ["The file is not text in UTF-8: save it as UTF-8."]
    except JourneyFileProblem as problem:
        return None, problem.sentences


async def _found(content: dict[str, Any]) -> None:
    problems = await asyncio.to_thread(versions.problems, content)
    name = await here().db.aread(lambda tx: drafts.free_name(tx, content["name"]))
    steps, letters = len(JourneyGraph(content).ids), len(content["letters"])

    @permitted("edit")
    async def keep() -> None:
        who, _ = await visitor()
        now_ms = here().clock.now_ms()
        made = await here().db.awrite(lambda tx: drafts.keep_new(tx, content, who.email, now_ms))
        ui.navigate.to(f"/journeys/{made}/edit")

    ui.label(str(content.get("title") or content["name"])).classes("sj-strong sj-break")
    ui.label(f"{_count(steps, 'step')}, {_count(letters, 'letter')}.").classes("sj-soft")
    if name != content["name"]:
        taken = f"There is a journey called {content['name']} already; this one becomes {name}."
        ui.label(taken).classes("sj-soft sj-break")
    _judged(problems)
    with ui.element("div"):
        button("Make it a draft", keep, kind="main")


def _judged(problems: list[Problem]) -> None:
    if problems:
        ui.label("It can be a draft as it is; to go live, it needs some work:").classes("sj-soft")
    for problem in problems[:SHOWN]:
        with ui.element("div").classes("sj-row"):
            chip(problem.severity, "bad" if problem.severity == "error" else "warn")
            ui.label(problem.text).classes("sj-break")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _refused(sentences: list[str]) -> None:
    ui.label("This file cannot be read as a journey:").classes("sj-strong")
    for sentence in sentences[:SHOWN]:
        ui.label(sentence).classes("sj-break sj-refusal")
    if len(sentences) > SHOWN:
        ui.label(f"… and {len(sentences) - SHOWN} more.").classes("sj-soft")
