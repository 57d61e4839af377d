"""Unsubscribing: a page with a button for people, one POST for mail programs (RFC 8058). GET changes nothing."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime import preferences
from ...runtime.content.links import UNSUBSCRIBE, ForgedLink, Links
from ...runtime.handing import CENTRE_MS
from ..public import Door, address_of, agent_of


def routes(instance: Any) -> list[Route]:
    """The route of the unsubscribe page."""
    links, door = Links(instance.secrets.derive("links")), Door(instance)

    async def show(request: Request) -> Response:
        words = door.words(request)
        try:
            contact_id, message_id, channel = links.read_unsubscribe(request.path_params["token"])
        except ForgedLink:
            return door.sentence(words, 404, words("link_title"), words("link_forged"))
        centre = links.preferences(contact_id, message_id, instance.clock.now_ms() + CENTRE_MS)
        return door.page("unsubscribe.html", words, done=False, centre=centre, channel=channel)

    async def unsubscribe(request: Request) -> Response:
        """The answer follows the commit: from then on nothing is handed over (see `storage.consents.say`).

        What the request carries is not read: a mail program's form, in parts or not, says nothing the address does not.
        """
        words = door.words(request)
        try:
            contact_id, message_id, channel = links.read_unsubscribe(request.path_params["token"])
        except ForgedLink:
            return door.sentence(words, 404, words("link_title"), words("link_forged"))
        now_ms = instance.clock.now_ms()
        proof = preferences.Proof(message_id, words.language, address_of(request), agent_of(request))
        left = await instance.db.awrite(
            lambda tx: preferences.leave(tx, instance.shelf, contact_id, channel, UNSUBSCRIBE, proof, now_ms),
            durable=True,
        )
        if left:
            instance.runtime.nudge()
        centre = links.preferences(contact_id, message_id, now_ms + CENTRE_MS)
        return door.page("unsubscribe.html", words, done=True, centre=centre, channel=channel)

    return [
        Route("/u/{token}", show, methods=["GET"]),
        Route("/u/{token}", unsubscribe, methods=["POST"]),
    ]
