"""Pictures that were uploaded for letters: for everybody who gets one, each under a name nobody can guess."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.pictures import PATH
from ...storage import pictures

HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


def routes(instance: Any) -> list[Route]:
    """The door. What a name leads to never changes."""

    async def shown(request: Request) -> Response:
        found = await instance.db.aread(lambda tx: pictures.picture(tx, request.path_params["name"]))
        if found is None:
            return PlainTextResponse("There is no such picture.", 404)
        return Response(found.content, media_type=found.kind, headers=HEADERS)

    return [Route(PATH + "{name}", shown)]
