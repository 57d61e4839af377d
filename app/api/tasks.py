"""Tasks for the people who sell, pulled by a program: as JSON, as CSV, and said to be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ...runtime import tasks
from ...runtime.exchange import exports
from ...storage import crm_tasks
from ...storage.columns import LAST_KEY
from .body import BodyProblem, read_body, read_json
from .keys import KeyRing, NoKey, given_key

PAGE = 500
Handler = Callable[[Request], Awaitable[Response]]


class AdminKey(BodyProblem):
    """Tasks name people, so they take an admin key: `sojourn keys new --kind admin` makes one."""

    status = 403


class NoSuchTask(BodyProblem):
    """There is no such task."""

    status = 404


class NoStatus(BodyProblem):
    """Say {"status": "open"}, "taken" or "done"."""


def routes(instance: Any) -> list[Route]:
    """``/v1/tasks?status=open&after=12``, ``/v1/tasks.csv`` and ``POST /v1/tasks/12``."""
    ring = KeyRing(instance.db)

    async def let_in(request: Request, body: dict[str, Any]) -> None:
        if (await ring.caller(given_key(request, body))).kind != "admin":
            raise AdminKey(AdminKey.__doc__)

    async def show(request: Request) -> Response:
        await let_in(request, {})
        status, after = _status(request), _number(request.query_params.get("after", "0"))
        found = await instance.db.aread(lambda tx: crm_tasks.everyone(tx, status, after, PAGE))
        return _json({"tasks": [tasks.as_document(one) for one in found], "more": len(found) == PAGE})

    async def as_csv(request: Request) -> Response:
        await let_in(request, {})
        return csv_of(instance, _status(request))

    async def change(request: Request) -> Response:
        body = read_json(await read_body(request))
        await let_in(request, body)
        status = body.get("status")
        if status not in tasks.STATUSES:
            raise NoStatus(NoStatus.__doc__)
        task, now_ms = request.path_params["id"], instance.clock.now_ms()
        known = task <= LAST_KEY and await instance.db.awrite(lambda tx: crm_tasks.set_status(tx, task, status, now_ms))
        if not known:
            raise NoSuchTask(NoSuchTask.__doc__)
        return _json({"success": True})

    return [
        Route("/v1/tasks", _guarded(show), methods=["GET"]),
        Route("/v1/tasks.csv", _guarded(as_csv), methods=["GET"]),
        Route("/v1/tasks/{id:int}", _guarded(change), methods=["POST"]),
    ]


def csv_of(instance: Any, status: str) -> Response:
    """All tasks as a file for spreadsheets."""
    name = f'attachment; filename="tasks{"-" + status if status else ""}.csv"'
    headers = {"content-disposition": name, "cache-control": "no-store"}
    rows = exports.as_csv(tasks.as_rows(instance.db, status))
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _guarded(handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except BodyProblem as problem:
            return _json({"error": str(problem)}, problem.status)
        except NoKey as problem:
            return _json({"error": str(problem)}, 401)

    return handle


def _status(request: Request) -> str:
    said = request.query_params.get("status", "")
    if said and said not in tasks.STATUSES:
        raise NoStatus(NoStatus.__doc__)
    return said


def _number(text: str) -> int:
    return min(int(text), LAST_KEY) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _json(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, {"cache-control": "no-store"}, "application/json")
