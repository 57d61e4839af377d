"""Where short addresses in texts lead: counted, and on to the address written down when the text left."""

from __future__ import annotations

import logging
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...runtime.content.codes import LEAVE
from ...runtime.content.links import ForgedLink, Links
from ...storage import messages, short_links
from ..plain import page

HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
LOOKS_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")
ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|facebot|whatsapp|telegram|skypeuri|slack-img|scan"
    r"|virustotal|urlcheck|curl/|wget/|python|go-http-client|okhttp|java/|headless|mediapartners",
    re.IGNORECASE,
)
GONE = "This short address is too old, or it was never complete."

log = logging.getLogger(__name__)


def routes(instance: Any) -> list[Route]:
    """The route of short addresses. What was not made here is refused without asking the store."""
    links = Links(instance.secrets.derive("links"))

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
            if url and _is_a_person(request):
                await count(message_id)
        if not url:
            return page("letter_link.html", 404, title="This link does not work", sentence=GONE)
        return RedirectResponse(url, 302, HEADERS)

    async def count(message_id: int) -> None:
        """A link leads on even when it cannot be counted."""
        try:
            await instance.db.awrite(lambda tx: messages.clicked(tx, message_id, instance.clock.now_ms()))
        except Exception:
            log.exception("A click was not counted.")

    return [Route("/s/{code}", lead, methods=["GET"])]


def _is_a_person(request: Request) -> bool:
    """False for machines that only look: HEAD, what a browser fetches ahead, and programs that say what they are."""
    ahead = any(re.search("prefetch|preview|prerender", request.headers.get(name, "")) for name in LOOKS_AHEAD)
    agent = request.headers.get("user-agent", "")
    return request.method != "HEAD" and not ahead and bool(agent) and not ROBOT.search(agent)


def _base(instance: Any, request: Request) -> str:
    return str(instance.settings.base_url or request.base_url)
