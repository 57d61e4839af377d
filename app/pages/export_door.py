"""Where the browser downloads contacts and events from: streamed, for those who may edit."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ...nodes.rule import Rule
from ...runtime import audience
from ...runtime.csv_file import CsvProblem
from ...runtime.exchange import exports
from ...storage import segments, users
from ..auth import key_of, may

if TYPE_CHECKING:
    from ..instance import Instance

KINDS = ("contacts", "events")
TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def routes(instance: Instance) -> list[Route]:
    """``/in-and-out/export/contacts.csv?segment=vip`` and the like."""

    async def export(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "edit"):
            return PlainTextResponse("Sign in as somebody who may edit.", 403)
        kind, ending = request.path_params["kind"], request.path_params["ending"]
        if kind not in KINDS or ending not in TYPES:
            return PlainTextResponse("There is no such export.", 404)
        name, segment = request.query_params.get("event") or None, request.query_params.get("segment") or None
        inside = None
        if segment is not None:
            found = await instance.db.aread(lambda tx: segments.segment_named(tx, segment))
            if found is None:
                return PlainTextResponse("There is no such segment.", 404)
            rule = Rule.model_validate(found.rule)
            inside = await instance.db.aread(lambda tx: audience.ids(tx, rule, instance.clock.now_ms()))
        note = {"kind": kind, "segment": segment, "event": name}
        now_ms = instance.clock.now_ms()
        await instance.db.awrite(lambda tx: users.note(tx, who.email, "exported", kind, now_ms, note))
        rows = exports.events(instance.db, name) if kind == "events" else exports.contacts(instance.db, inside)
        file = f"{segment or name or kind}.{ending}"
        if ending == "csv":
            headers = {"content-disposition": _named(file), "cache-control": "no-store"}
            return StreamingResponse(exports.as_csv(rows), media_type=TYPES[ending], headers=headers)
        return await _parquet(rows, file)

    return [Route("/in-and-out/export/{kind}.{ending}", export)]


async def _parquet(rows: Any, name: str) -> Response:
    folder = tempfile.TemporaryDirectory(prefix="sojourn-export-")
    target = Path(folder.name) / "rows.parquet"
    try:
        await asyncio.to_thread(exports.write, rows, target)
    except CsvProblem as problem:
        folder.cleanup()
        return PlainTextResponse(str(problem), 501)
    headers = {"content-disposition": _named(name), "cache-control": "no-store"}
    return FileResponse(target, media_type=TYPES["parquet"], headers=headers, background=BackgroundTask(folder.cleanup))


def _named(file: str) -> str:
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in file)
    return f'attachment; filename="{plain}"'
