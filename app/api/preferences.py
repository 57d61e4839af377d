"""Unsubscribing: a page with a button for people, one POST for mail programs (RFC 8058). GET changes nothing."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime.content.links import UNSUBSCRIBE, ForgedLink, Links
from ...storage import consents
from ..plain import page


def routes(instance: Any) -> list[Route]:
    """The route of the unsubscribe page."""
    links = Links(instance.secrets.derive("links"))

    async def show(request: Request) -> Response:
        try:
            links.read_unsubscribe(request.path_params["token"])
        except ForgedLink as problem:
            return _forged(problem)
        return page("unsubscribe.html", title="Unsubscribe", brand=_brand(instance), done=False)

    async def unsubscribe(request: Request) -> Response:
        """The answer follows the commit: from then on nothing is handed over (see `storage.consents.say`)."""
        try:
            contact_id, message_id, channel = links.read_unsubscribe(request.path_params["token"])
        except ForgedLink as problem:
            return _forged(problem)
        now_ms = instance.clock.now_ms()
        await instance.db.awrite(
            lambda tx: consents.say(
                tx,
                contact_id,
                channel,
                "withdrawn",
                source=UNSUBSCRIBE,
                now_ms=now_ms,
                evidence={"message": message_id},
            ),
            durable=True,
        )
        return page("unsubscribe.html", title="Unsubscribed", brand=_brand(instance), done=True)

    return [
        Route("/u/{token}", show, methods=["GET"]),
        Route("/u/{token}", unsubscribe, methods=["POST"]),
    ]


def _brand(instance: Any) -> str:
    return instance.settings.brand_name or instance.settings.sender_name or "us"


def _forged(problem: ForgedLink) -> Response:
    return page("letter_link.html", 404, title="This link does not work", sentence=str(problem))
