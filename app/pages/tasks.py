"""Tasks that journeys made for the people who sell: what is open, what another system took, what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime import tasks
from ...storage import crm_tasks, users
from ...storage.crm_tasks import Task
from .. import words
from ..api.tasks import csv_of
from ..auth import key_of, may, permitted
from ..frame import button, chip, empty, here, moment, opened, table, visitor

if TYPE_CHECKING:
    from ..instance import Instance

LEAD = "What journeys ask colleagues to do about a contact: taken from here as a list, or handed to your own system."
TONES = {"open": "warn", "taken": "", "done": "good"}
SHOWN = {"": "All", "open": "Open", "taken": "With the other system", "done": "Done"}


def routes(instance: Instance) -> list[Route]:
    """``/tasks/tasks.csv?status=open``, for those who may edit."""

    async def download(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "edit"):
            return PlainTextResponse("Sign in as somebody who may edit.", 403)
        status = request.query_params.get("status", "")
        if status and status not in tasks.STATUSES:
            return PlainTextResponse("There are no such tasks.", 404)
        now_ms = instance.clock.now_ms()
        await instance.db.awrite(lambda tx: users.note(tx, who.email, "exported", "tasks", now_ms, {"status": status}))
        return csv_of(instance, status)

    return [Route("/tasks/tasks.csv", download)]


@ui.page("/tasks", title="Tasks · Sojourn")
@permitted("see")
async def page(status: str = "") -> None:
    """The newest tasks, by state."""
    who, known = await visitor()
    asked = status if status in SHOWN else ""
    found, counts = await here().db.aread(lambda tx: (crm_tasks.latest(tx, asked), crm_tasks.counts(tx)))
    with opened("Tasks", who, known, "Tasks", LEAD) as actions:
        with actions:
            if may(who, "edit") and counts:
                file = f"/tasks/tasks.csv?status={asked}" if asked else "/tasks/tasks.csv"
                button("Take as CSV", lambda: ui.download(file), "download")
        with ui.element("div").classes("sj-stack sj-wide"):
            with ui.element("div").classes("sj-row"):
                for name, label in SHOWN.items():
                    count = counts.get(name, 0) if name else sum(counts.values())
                    link = ui.link(f"{label} ({words.number(count)})", f"/tasks?status={name}" if name else "/tasks")
                    link.classes("sj-sibling").classes("is-active" if name == asked else "")
            if not found:
                empty("task_alt", "No tasks here", "A step “Task for a colleague” in a journey makes them.")
                return
            table(
                ("Task", "About", "Due", "Owner", "Worth", "State", ""),
                [_row(one, may(who, "edit")) for one in found],
                numbers=("Worth",),
            )


def _row(task: Task, editable: bool) -> list[Any]:
    def what() -> None:
        with ui.element("div").style("min-width: 14rem"):
            ui.label(task.title).classes("sj-strong sj-break")
            if task.description:
                ui.label(task.description[:300]).classes("sj-soft sj-break")

    def state() -> None:
        said = f"with {task.account}" if task.status == "taken" and task.account else task.status
        chip(said, TONES.get(task.status, ""))

    def acts() -> None:
        if editable:
            following = "open" if task.status == "done" else "done"
            button("Open again" if task.status == "done" else "Done", lambda: _set(task.message_id, following))

    name = task.email or task.external_id or task.phone or f"Contact {task.contact_id}"
    worth = f"{float(task.value):,.2f} {task.currency}".strip() if task.value else "–"
    return [
        what, lambda: ui.link(name, f"/contacts/{task.contact_id}").classes("sj-break"), lambda: moment(task.due_at),
        task.owner or "–", worth, state, acts,
    ]  # fmt: skip


@permitted("edit")
async def _set(message_id: int, status: str) -> None:
    now_ms = here().clock.now_ms()
    await here().db.awrite(lambda tx: crm_tasks.set_status(tx, message_id, status, now_ms))
    ui.navigate.reload()
