"""The doors of push: phones tell their tokens, browsers subscribe, and what became of a message is counted."""

from __future__ import annotations

import hmac
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

from ...nodes.slug import is_slug
from ...runtime import devices, on_site, web_push_key
from ...runtime.content.links import ForgedLink, Links
from ...runtime.devices import Evidence, NotProven
from ...runtime.envelope import Message, Refused, check, printable
from ...runtime.on_site import NotTheirs
from ...runtime.pushable import PUSH, WEB_PUSH, Device, NotADevice, browser, phone
from ...storage.consents import TOPIC
from ...storage.health import TROUBLE
from ..public import address_of, agent_of
from .behind import Behind, TooFarBehind
from .body import BodyProblem, read_body, read_json
from .inbox import inbox_key
from .ingest import ANY_PAGE
from .keys import Caller, KeyRing, NoKey, given_key

SCRIPTS = Path(__file__).parent.parent.parent / "assets" / "push"
LARGEST = 16_384  # bytes of a body
HEADERS = {**ANY_PAGE, "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS", "cache-control": "no-store"}
PERMISSIONS = {"granted": True, "denied": False}

log = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[Response]]


class NoWebPush(BodyProblem):
    """Web push is not set up here: open an account of the medium web_push first."""

    status = 404


class NobodyNamed(BodyProblem):
    """Say whose it is: userId or anonymousId."""


class NoEndpoint(BodyProblem):
    """Say which one: the endpoint of the browser's subscription, or the token of the phone."""


def routes(instance: Any) -> list[Route]:
    """The routes of push."""
    door = _Door(instance)
    made = [
        ("/v1/devices", door.register, ["POST"]),
        ("/v1/devices", door.forget, ["DELETE", "OPTIONS"]),
        ("/push/key", door.key, ["GET", "OPTIONS"]),
        ("/push/subscribe", door.subscribe, ["POST", "OPTIONS"]),
        ("/push/unsubscribe", door.unsubscribe, ["POST", "OPTIONS"]),
        ("/push/told/{token}", door.told, ["POST", "OPTIONS"]),
    ]
    scripts = [Route(f"/push/{name}", _script(name), methods=["GET"]) for name in ("sw.js", "push.js")]
    return [Route(path, door.guarded(handler), methods=methods) for path, handler, methods in made] + scripts


class _Door:
    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._keys = KeyRing(instance.db)
        self._links = Links(instance.secrets.derive("links"))
        self._behind = Behind()

    def guarded(self, handler: Handler) -> Handler:
        """Every answer is JSON, can be read by any page, and every problem is a sentence."""

        async def handle(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=HEADERS)
            try:
                return await handler(request)
            except BodyProblem as problem:
                return _json({"success": False, "error": str(problem)}, problem.status)
            except (Refused, NotADevice) as problem:
                return _json({"success": False, "error": str(problem)}, 400)
            except NoKey as problem:
                return _json({"success": False, "error": str(problem)}, 401)
            except (NotTheirs, NotProven) as problem:
                return _json({"success": False, "error": str(problem)}, 403)
            except TooFarBehind as problem:
                return _json({"success": False, "error": str(problem)}, 429)
            except ClientDisconnect:
                return Response(status_code=499)
            except TROUBLE:
                log.exception("The store did not take a request to %s", request.url.path)
                return _json({"success": False, "error": "The store cannot take this now: try again."}, 503)

        return handle

    # ── phones ────────────────────────────────────────────────────────────────────────────────────────

    async def register(self, request: Request) -> Response:
        """A phone and whose it is; with ``permission`` also whether they let the app notify them."""
        body, caller = await self._open(request)
        device = phone(body.get("token"), body.get("type"), body.get("app"))
        who, proven = self._who(body, caller)
        allowed = PERMISSIONS.get(str(body.get("permission")))
        return await self._take(request, body, device, who, proven, caller, allowed)

    async def forget(self, request: Request) -> Response:
        """The phone is nobody's any more, such as after a sign-out. Who knows the token holds the phone."""
        body, _ = await self._open(request)
        return await self._left(str(body.get("token") or ""), PUSH, withdraws=False)

    # ── browsers ──────────────────────────────────────────────────────────────────────────────────────

    async def key(self, request: Request) -> Response:
        """What a browser subscribes with."""
        found = await self._instance.db.aread(lambda tx: web_push_key.public(tx, self._instance.secrets.open))
        if not found:
            raise NoWebPush(NoWebPush.__doc__)
        return _json({"key": found})

    async def subscribe(self, request: Request) -> Response:
        """A browser that may be pushed to, and the yes its owner gave; ``again``: only that it is still there."""
        body, caller = await self._open(request)
        device = browser(body.get("subscription"), self._instance.config.private_hosts)
        old = body.get("old")
        if isinstance(old, str) and old:  # the push service changed its address: the same browser under a new one
            moved = await self._instance.db.awrite(
                lambda tx: devices.moved(tx, WEB_PUSH, old, device, self._instance.clock.now_ms())
            )
            return _json({"success": moved})
        who, proven = self._who(body, caller)
        return await self._take(request, body, device, who, proven, caller, None if body.get("again") else True)

    async def unsubscribe(self, request: Request) -> Response:
        """The browser's owner turned it off. Who knows the endpoint holds the browser."""
        body, _ = await self._open(request)
        return await self._left(str(body.get("endpoint") or ""), WEB_PUSH, withdraws=True)

    async def told(self, request: Request) -> Response:
        """A browser says what became of a message there."""
        try:
            message_id, what = self._links.read_note(request.path_params["token"])
        except ForgedLink as problem:
            return _json({"success": False, "error": str(problem)}, 404)
        instance = self._instance
        now_ms = instance.clock.now_ms()
        if await instance.db.awrite(lambda tx: devices.reported(tx, instance.shelf, message_id, what, now_ms)):
            instance.runtime.nudge()
        return Response(status_code=204, headers=HEADERS)

    # ── what both need ────────────────────────────────────────────────────────────────────────────────

    async def _open(self, request: Request) -> tuple[dict[str, Any], Caller]:
        self._behind.refuse_if_too_far()
        body = read_json(await read_body(request, LARGEST))
        return body, await self._keys.caller(given_key(request, body))

    def _who(self, body: dict[str, Any], caller: Caller) -> tuple[Message, bool]:
        """Whose device it is, and whether that is proven: by an admin key, or the hash their own server made."""
        said = {name: body.get(name) for name in ("userId", "anonymousId") if body.get(name)}
        if not said:
            raise NobodyNamed(NobodyNamed.__doc__)
        who = check({**said, "type": "identify"}, 0, self._instance.clock.now_ms(), None, False)
        proof = body.get("proof")
        if not proof or not who.user:
            return who, caller.kind == "admin"
        right = on_site.hash_of(inbox_key(self._instance), "user", who.user)
        if not hmac.compare_digest(right.encode(), str(proof).lower().encode("utf-8", "replace")):
            raise NotTheirs(NotTheirs.__doc__)
        return who, True

    async def _take(
        self, request: Request, body: dict[str, Any], device: Device, who: Message, proven: bool, caller: Caller,
        allowed: bool | None,
    ) -> Response:  # fmt: skip
        instance, topic = self._instance, str(body.get("topic") or TOPIC)
        evidence = None
        if allowed is not None:
            evidence = Evidence(
                allowed, topic if is_slug(topic) else TOPIC, printable(body.get("page"), 300),
                printable(body.get("asked"), 300), printable(body.get("language"), 20), address_of(request),
                agent_of(request),
            )  # fmt: skip
        with self._behind.waiting():
            await instance.db.awrite(
                lambda tx: devices.take(tx, who, device, caller.source, proven, evidence, instance.clock.now_ms()),
                durable=True,
            )
        return _json({"success": True})

    async def _left(self, token: str, medium: str, withdraws: bool) -> Response:
        if not token:
            raise NoEndpoint(NoEndpoint.__doc__)
        now_ms = self._instance.clock.now_ms()
        await self._instance.db.awrite(lambda tx: devices.left(tx, token, medium, withdraws, now_ms), durable=True)
        return _json({"success": True})  # whether it was known is nobody's business


@cache
def _text(name: str) -> tuple[bytes, str]:
    script = (SCRIPTS / name).read_bytes()
    return script, f'"{sha256(script).hexdigest()[:16]}"'


def _script(name: str) -> Handler:
    """A script for any site: it carries no secret, and the address never changes."""

    async def handle(request: Request) -> Response:
        script, tag = _text(name)
        headers = {"etag": tag, "cache-control": "public, max-age=3600", "cross-origin-resource-policy": "cross-origin",
                   "access-control-allow-origin": "*", "service-worker-allowed": "/"}  # fmt: skip
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(script, media_type="text/javascript; charset=utf-8", headers=headers)

    return handle


def _json(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, HEADERS, "application/json")
