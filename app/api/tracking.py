"""Where links and pictures in letters lead: count, and lead on to the address inside the signed token."""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...runtime.content.links import ForgedLink, Links
from ...storage import messages
from ...storage.database import Tx
from ..plain import page

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

log = logging.getLogger(__name__)


def routes(instance: Any) -> list[Route]:
    """The routes of counted links."""
    links = Links(instance.secrets.derive("links"))

    async def count(request: Request, note: Callable[[Tx], None]) -> None:
        """A link leads on even when it cannot be counted. HEAD comes from machines that only look."""
        if request.method == "HEAD":
            return
        try:
            await instance.db.awrite(note)
        except Exception:
            log.exception("An opening or a click was not counted.")

    async def opened(request: Request) -> Response:
        try:
            message_id = links.read_open(request.path_params["token"])
        except ForgedLink:
            return Response(status_code=404)
        await count(request, lambda tx: messages.opened(tx, message_id, instance.clock.now_ms()))
        return Response(PIXEL, media_type="image/gif", headers=HEADERS)

    async def clicked(request: Request) -> Response:
        try:
            message_id, url = links.read_click(request.path_params["token"])
        except ForgedLink as problem:
            return page("letter_link.html", 404, title="This link does not work", sentence=str(problem))
        await count(request, lambda tx: messages.clicked(tx, message_id, instance.clock.now_ms()))
        return RedirectResponse(url, 302, HEADERS)

    return [Route("/o/{token}.gif", opened, methods=["GET"]), Route("/c/{token}", clicked, methods=["GET"])]
