"""Where an instance shows that it is itself, so that it can be seen whether its public address leads here."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.deliverability.dns import PROOF, answer_to

LONGEST = 64  # characters of a word


def routes(instance: Any) -> list[Route]:
    """The door: it answers a short word as only this instance can, and tells nothing else."""

    async def prove(request: Request) -> Response:
        word = b""
        async for piece in request.stream():
            word += piece
            if len(word) > LONGEST:
                return PlainTextResponse("A word has 64 letters at most.", 413)
        if not word.isalnum():
            return PlainTextResponse("Send a word of letters and digits.", 400)
        return PlainTextResponse(
            answer_to(instance.secrets, word.decode("ascii")), headers={"cache-control": "no-store"}
        )

    return [Route(PROOF, prove, methods=["POST"])]
