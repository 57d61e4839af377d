"""Where short addresses in texts lead: counted, and on to the address written down when the text left."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...runtime.content.codes import LEAVE
from ...runtime.content.links import ForgedLink, Links
from ...runtime.tracking.readers import CLICK
from ...storage import short_links
from ..plain import page
from ..watching import SOME, Watching

HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
GONE = "This short address is too old, or it was never complete."


def routes(instance: Any) -> list[Route]:
    """The route of short addresses. What was not made here is refused without asking the store."""
    links = Links(instance.secrets.derive("links"))
    watching = Watching.of(instance)

    async def lead(request: Request) -> Response:
        code = request.path_params["code"]
        try:
            message_id, place = links.codes.read(code)
        except ForgedLink as problem:
            return page("letter_link.html", 404, title="This link does not work", sentence=str(problem))
        if place == LEAVE:
            found = await instance.db.aread(lambda tx: short_links.whose(tx, message_id))
            url = links.at(_base(instance, request)).unsubscribe(found[0], message_id, found[1]) if found else ""
        else:
            target = await instance.db.aread(lambda tx: short_links.target(tx, code))
            url = target[1] if target and target[0] == message_id else ""
            if url:
                await watching.note(request, CLICK, message_id, SOME + place, url)
        if not url:
            return page("letter_link.html", 404, title="This link does not work", sentence=GONE)
        return RedirectResponse(url, 302, HEADERS)

    return [Route("/s/{code}", lead, methods=["GET"])]


def _base(instance: Any, request: Request) -> str:
    return str(instance.settings.base_url or request.base_url)
