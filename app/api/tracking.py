"""Where links and pictures in letters lead: counted by who looks, and on to the address inside the signed token."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...runtime.content.links import ForgedLink, Links
from ...runtime.tracking.readers import CLICK, OPEN
from ...runtime.tracking.recording import PIXEL as PICTURE
from ..plain import page
from ..watching import Watching

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}


def routes(instance: Any) -> list[Route]:
    """The routes of counted links."""
    links = Links(instance.secrets.derive("links"))
    watching = Watching.of(instance)

    async def opened(request: Request) -> Response:
        try:
            message_id = links.read_open(request.path_params["token"])
        except ForgedLink:
            return Response(status_code=404)
        await watching.note(request, OPEN, message_id, PICTURE)
        return Response(PIXEL, media_type="image/gif", headers=HEADERS)

    async def clicked(request: Request) -> Response:
        try:
            message_id, url, place = links.read_click(request.path_params["token"])
        except ForgedLink as problem:
            return page("letter_link.html", 404, title="This link does not work", sentence=str(problem))
        await watching.note(request, CLICK, message_id, place, url)
        if not url:  # the one that nobody can see
            return Response(status_code=204, headers=HEADERS)
        return RedirectResponse(url, 302, HEADERS)

    return [Route("/o/{token}.gif", opened, methods=["GET"]), Route("/c/{token}", clicked, methods=["GET"])]
