"""Templates as their readers see them, for the frames that show them small."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.templates import rendering, starting
from ...runtime.templates.library import NoSuchTemplate
from ...runtime.templates.rendering import Ready
from ...runtime.templates.starting import NoSuchStart
from ...storage.database import Tx
from ..auth import key_of, may
from ..sealed import sealed

if TYPE_CHECKING:
    from ..instance import Instance

NOTHING = (
    '<body style="font:15px system-ui,sans-serif;color:#555;padding:40px 120px;text-align:center">'
    "It cannot be shown yet: open it to see why."
)


def routes(instance: Instance) -> list[Route]:
    """A template's draft, a letter to start from, and the sample of the brand; for nobody in particular."""

    async def shown(request: Request, find: Callable[[Tx], Ready]) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        try:
            ready = await instance.db.aread(find)
        except (NoSuchTemplate, NoSuchStart):
            return PlainTextResponse("There is no such letter.", 404)
        proof = await asyncio.to_thread(ready.proof, instance)
        return sealed(proof.rendered.html if proof.rendered else NOTHING)

    async def template(request: Request) -> Response:
        return await shown(request, lambda tx: rendering.named(tx, request.path_params["name"]))

    async def start(request: Request) -> Response:
        return await shown(request, lambda tx: rendering.ready(tx, starting.start(request.path_params["name"]).source))

    return [Route("/template-pictures/{name}", template), Route("/starting-letters/{name}", start)]


def picture(name: str, content_hash: str) -> str:
    """The address of a template's picture, another one for other content."""
    return f"/template-pictures/{name}?{content_hash[:16]}"


def start_picture(name: str) -> str:
    """The address of the picture of a letter to start from."""
    return f"/starting-letters/{name}"
