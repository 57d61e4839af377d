"""The preview of a draft's letter, for the frames that show it: a stranger's HTML, with nothing in it run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..auth import key_of, may
from ..canvas.letter_proof import proof
from ..sealed import instead, sealed

if TYPE_CHECKING:
    from ..instance import Instance


def routes(instance: Instance) -> list[Route]:
    """One address for each letter; ``contact`` says for whom."""

    async def preview(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        given = request.query_params.get("contact", "")
        contact = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
        found = await proof(instance, request.path_params["journey"], request.path_params["letter"], contact)
        if found is None:
            return PlainTextResponse("There is no such letter.", 404)
        if found.rendered is None:
            return instead(found)
        return sealed(found.rendered.html)

    return [Route("/journeys/{journey}/letters/{letter}/preview", preview)]
