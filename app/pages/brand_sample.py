"""A letter in a brand kit that nobody has saved yet, for the frame beside the form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.content.kit import Kit, KitProblem
from ...runtime.templates import rendering, starting
from ...storage.columns import dump
from ..auth import key_of, may
from ..sealed import sealed

if TYPE_CHECKING:
    from ..instance import Instance

SAMPLE = "welcome"
LONGEST = 6_000  # characters of a kit


def routes(instance: Instance) -> list[Route]:
    """The sample letter; the kit comes in the address, so nothing is kept for it."""

    async def sample(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        given = request.query_params.get("kit", "")
        try:
            kit = Kit.read(orjson.loads(given)) if len(given) <= LONGEST else Kit()
        except (KitProblem, orjson.JSONDecodeError, AttributeError, TypeError):
            return PlainTextResponse("This is no brand kit.", 400)
        source = {**starting.start(SAMPLE).source, "kit": kit.as_dict()}
        ready = await instance.db.aread(lambda tx: rendering.ready(tx, source))
        proof = await asyncio.to_thread(ready.proof, instance)
        return sealed(proof.rendered.html if proof.rendered else "")

    return [Route("/brand-sample", sample)]


def address(kit: Mapping[str, Any]) -> str:
    """Where the sample in this kit is found."""
    return "/brand-sample?kit=" + quote(dump(dict(kit)), safe="")
