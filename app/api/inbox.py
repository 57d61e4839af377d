"""Messages on the site and in the app: what waits for a visitor, what they did with it, the script that shows it."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime import on_site
from ...runtime.content.links import Links
from ...runtime.on_site import KINDS, PURPOSE, NoSuchMessage, NotTheirs, Visitor
from ...storage import people
from ...storage.columns import LAST_KEY
from ...storage.health import TROUBLE
from .body import BodyProblem, read_body, read_json
from .ingest import ANY_PAGE
from .keys import KeyRing, NoKey, given_key

SCRIPT = Path(__file__).parent.parent.parent / "assets" / "on-site" / "inbox.js"
DAY_MS = 86_400_000
LONGEST_DAYS = 90  # of a token
LONGEST = 2_000  # characters of an id, a proof or an address

log = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[Response]]


class NobodyThere(BodyProblem):
    """Nobody is known by this userId or anonymousId: say who the token is for."""

    status = 404


class NotAllowed(BodyProblem):
    """Tokens are made with an admin key: a write key stands in the pages of a site, where anybody can read it."""

    status = 403


def routes(instance: Any) -> list[Route]:
    """The routes of the inbox."""
    door = _Door(instance)
    return [
        Route("/v1/inbox", door.guarded(door.show), methods=["GET", "OPTIONS"]),
        Route("/v1/inbox/token", door.guarded(door.token), methods=["POST", "OPTIONS"]),
        *(
            Route(f"/v1/inbox/{{id:int}}/{what}", door.guarded(door.noting(what)), methods=["POST", "OPTIONS"])
            for what in on_site.EVENTS
        ),
        Route("/on-site/inbox.js", _script, methods=["GET"]),
    ]


def inbox_key(instance: Any) -> str:
    """What a site's own server makes identity hashes with."""
    return instance.secrets.derive(PURPOSE).hex()


class _Door:
    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._keys = KeyRing(instance.db)
        self._links = Links(instance.secrets.derive("links"))
        self._key = inbox_key(instance)

    def guarded(self, handler: Handler) -> Handler:
        """Every answer is JSON, can be read by any page, and every problem is a sentence."""

        async def handle(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=ANY_PAGE)
            try:
                return await handler(request)
            except BodyProblem as problem:
                return _json({"error": str(problem)}, problem.status)
            except NoKey as problem:
                return _json({"error": str(problem)}, 401)
            except NotTheirs as problem:
                return _json({"error": str(problem)}, 403)
            except NoSuchMessage as problem:
                return _json({"error": str(problem)}, 404)
            except ClientDisconnect:
                return Response(status_code=499)
            except TROUBLE:
                log.exception("The store did not take a request to %s", request.url.path)
                return _json({"error": "The store cannot take this now: try again."}, 503)

        return handle

    async def show(self, request: Request) -> Response:
        """What waits for a visitor, and what of it shows itself on this page."""
        visitor, now_ms = await self._visitor(request), self._instance.clock.now_ms()
        page = request.query_params.get("page", "")[:LONGEST]

        def look(tx: Any) -> list[dict[str, Any]]:
            contact = on_site.whose(tx, visitor, self._key, self._links, now_ms)
            return on_site.waiting(tx, contact, page, now_ms) if contact is not None else []

        return _json({"messages": await self._instance.db.aread(look)})

    def noting(self, what: str) -> Handler:
        """It was seen, clicked or closed."""

        async def handle(request: Request) -> Response:
            visitor, message_id = await self._visitor(request), request.path_params["id"]
            instance, now_ms = self._instance, self._instance.clock.now_ms()

            def job(tx: Any) -> int:
                contact = on_site.whose(tx, visitor, self._key, self._links, now_ms)
                if contact is None or message_id > LAST_KEY:
                    raise NoSuchMessage(NoSuchMessage.__doc__)
                return on_site.note(tx, instance.shelf, contact, message_id, what, now_ms)

            if await instance.db.awrite(job):
                instance.runtime.nudge()
            return _json({"success": True})

        return handle

    async def token(self, request: Request) -> Response:
        """A token for one visitor, made for the site's own server."""
        body = read_json(await read_body(request))
        caller = await self._keys.caller(given_key(request, body))
        if caller.kind != "admin":
            raise NotAllowed(NotAllowed.__doc__)
        given = body.get("days", 7)
        days = min(max(given, 1), LONGEST_DAYS) if isinstance(given, int) and not isinstance(given, bool) else 7
        contact = await self._instance.db.aread(lambda tx: _named(tx, body))
        if contact is None:
            raise NobodyThere(NobodyThere.__doc__)
        until_ms = self._instance.clock.now_ms() + days * DAY_MS
        return _json({"token": self._links.visit(contact, until_ms), "until": until_ms})

    async def _visitor(self, request: Request) -> Visitor:
        """Who says they are there. The proof is the password beside the write key, so that it stands in no log."""
        await self._keys.caller(given_key(request, {}))
        proof = _password(request)
        for name, kind in KINDS.items():
            value = request.query_params.get(name, "")
            if value:
                return Visitor(kind, value[:LONGEST], proof)
        return Visitor(proof=proof)


def _password(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2][:LONGEST]
    except (binascii.Error, ValueError):
        return ""


def _named(tx: Any, body: dict[str, Any]) -> int | None:
    for name, kind in KINDS.items():
        value = body.get(name)
        if isinstance(value, str) and value.isprintable() and value:
            return next((contact for _, contact in people.identities(tx, kind, [value])), None)
    return None


@cache
def _text() -> tuple[bytes, str]:
    script = SCRIPT.read_bytes()
    return script, f'"{sha256(script).hexdigest()[:16]}"'


async def _script(request: Request) -> Response:
    """The script for any site: it carries no secret, and the address never changes."""
    script, tag = _text()
    headers = {"etag": tag, "cache-control": "public, max-age=3600", "cross-origin-resource-policy": "cross-origin",
               "access-control-allow-origin": "*"}  # fmt: skip
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(script, media_type="text/javascript; charset=utf-8", headers=headers)


def _json(document: Any, status: int = 200) -> Response:
    headers = {**ANY_PAGE, "cache-control": "no-store"}
    return Response(orjson.dumps(document), status, headers, "application/json")
