"""The letter in work, for the studio's own frame: nothing in it runs, the studio only measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..auth import key_of, may
from ..sealed import measured
from ..studio.picture import PICTURES

if TYPE_CHECKING:
    from ..instance import Instance


def routes(instance: Instance) -> list[Route]:
    """One address for each open studio."""

    async def picture(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        found = PICTURES.get(request.path_params["key"])
        if found is None:
            return PlainTextResponse("This letter is no longer open.", 404)
        return measured(found.html, found.images)

    return [Route("/studio/pictures/{key}", picture)]
