"""The door for events: what Segment's and RudderStack's SDKs speak, with only the host changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime import addresses, ingest
from ...runtime.entries import NoSuchJourney, enroll
from ...runtime.envelope import printable
from ...storage import people
from ...storage.health import TROUBLE, health
from .behind import Behind, TooFarBehind
from .body import BodyProblem, read_body, read_json
from .keys import Caller, KeyRing, NoKey, given_key

log = logging.getLogger(__name__)

KINDS = {
    "track": ("track", "t"),
    "identify": ("identify", "i"),
    "page": ("page", "p"),
    "screen": ("screen", "s"),
    "group": ("group", "g"),
    "alias": ("alias", "a"),
}
ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",  # events come from any page of the customer's; no cookie is ever read here
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-requested-with, x-retry-count",
    "Access-Control-Max-Age": "86400",
}
LISTED = 200  # refusals in one answer; every one of them is kept
SLOW_S = 60  # an engine that late is worth a look
PEOPLE = {"userId": "user", "anonymousId": "anonymous", "email": "email"}

Handler = Callable[[Request], Awaitable[Response]]


class NoBatch(BodyProblem):
    """The body needs a list of messages in `batch`."""


class NobodyNamed(BodyProblem):
    """Say who is to be enrolled: userId, anonymousId or email, each one text or a list of texts."""


def routes(instance: Any) -> list[Route]:
    """The routes of ingest; they belong before everything else."""
    door = _Door(instance)
    answer = [
        Route("/v1/batch", door.guarded(door.batch), methods=["POST", "OPTIONS"]),
        Route("/v1/import", door.guarded(door.history), methods=["POST", "OPTIONS"]),
        Route("/v1/projects/{key}/settings", door.guarded(door.sdk_settings), methods=["GET", "OPTIONS"]),
        Route("/v1/journeys/{name}/enroll", door.guarded(door.enroll), methods=["POST", "OPTIONS"]),
        Route("/healthz", door.guarded(door.healthz), methods=["GET"]),
    ]
    for kind, paths in KINDS.items():
        answer += [Route(f"/v1/{path}", door.guarded(door.single(kind)), methods=["POST", "OPTIONS"]) for path in paths]
    return answer


class _Door:
    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._keys = KeyRing(instance.db)
        self._behind = Behind()

    def guarded(self, handler: Handler) -> Handler:
        """Every answer is JSON, can be read by any page, and every problem is a sentence."""

        async def handle(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=ANY_PAGE)
            try:
                return await handler(request)
            except BodyProblem as problem:
                return _problem(problem.status, problem)
            except NoKey as problem:
                return _problem(401, problem)
            except NoSuchJourney as problem:
                return _problem(404, problem)
            except TooFarBehind as problem:
                return _problem(429, problem, {"Retry-After": "2"})
            except ClientDisconnect:
                return Response(status_code=499)
            except TROUBLE:
                log.exception("The store did not take a request to %s", request.url.path)
                return _problem(503, "The store cannot take this now: send it again.", {"Retry-After": "5"})

        return handle

    async def batch(self, request: Request) -> Response:
        """Many messages, live."""
        return await self._batch(request, history=False)

    async def history(self, request: Request) -> Response:
        """Many messages from the past: they keep their times and start nothing."""
        return await self._batch(request, history=True)

    def single(self, kind: str) -> Handler:
        """One message of a kind the path names."""

        async def handle(request: Request) -> Response:
            self._behind.refuse_if_too_far()
            body, caller = await self._open(request)
            body.pop("writeKey", None)
            return await self._accept([{**body, "type": kind}], caller, None, history=False)

        return handle

    async def enroll(self, request: Request) -> Response:
        """Let people into a journey that starts by API."""
        body, caller = await self._open(request)
        instance, name = self._instance, request.path_params["name"]
        wanted = {kind: _texts(body.get(field)) for field, kind in PEOPLE.items()}
        wanted["email"] = [_as_kept(address) for address in wanted["email"]]
        if not any(wanted.values()):
            raise NobodyNamed(NobodyNamed.__doc__)

        def let_in(tx: Any) -> tuple[int, list[str]]:
            found = {
                (kind, value): contact
                for kind, names in wanted.items()
                for value, contact in people.identities(tx, kind, names)
            }
            unknown = [value for kind, names in wanted.items() for value in names if (kind, value) not in found]
            return enroll(tx, instance.shelf, name, sorted(set(found.values())), instance.clock.now_ms()), unknown

        enrolled, unknown = await instance.db.awrite(let_in)
        if enrolled:
            instance.runtime.nudge()
        if caller.kind != "admin":  # a write key stands in the pages of a site: it must not say who is known
            return _json({"success": True})
        return _json({"success": True, "enrolled": enrolled, "unknown": unknown})

    async def sdk_settings(self, request: Request) -> Response:
        """What the browser SDK asks for before it sends anything."""
        key = request.path_params["key"]
        await self._keys.caller(key)
        base = getattr(self._instance.config, "base_url", "") or f"{request.url.scheme}://{request.url.netloc}"
        protocol, _, host = base.rstrip("/").partition("://")
        target = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": protocol, "type": "browser"}
        return _json({"integrations": {"Segment.io": target}, "plan": {"track": {"__default": {"enabled": True}}}})

    async def healthz(self, request: Request) -> Response:
        """How the instance is, for whoever watches it."""
        now_ms = self._instance.clock.now_ms()
        figures = await self._instance.db.aread(lambda tx: health(tx, now_ms))
        status = "behind" if figures["engine_lag_seconds"] > SLOW_S else "ok"
        return _json({"status": status, **figures, "requests_waiting": self._behind.count})

    async def _batch(self, request: Request, history: bool) -> Response:
        self._behind.refuse_if_too_far()
        body, caller = await self._open(request)
        messages = body.get("batch")
        if not isinstance(messages, list):
            raise NoBatch(NoBatch.__doc__)
        return await self._accept(messages, caller, body.get("sentAt"), history)

    async def _open(self, request: Request) -> tuple[dict[str, Any], Caller]:
        """The body and whose it is. A key in the header is looked at before the body is read."""
        key = given_key(request, {})
        caller = await self._keys.caller(key) if key else None
        body = read_json(await read_body(request))
        return body, caller or await self._keys.caller(given_key(request, body))

    async def _accept(self, messages: Sequence[Any], caller: Caller, sent_at: Any, history: bool) -> Response:
        instance = self._instance
        with self._behind.waiting():
            receipt = await ingest.accept(
                instance.db, instance.shelf, instance.clock, messages, caller.source, sent_at=sent_at, history=history,
                overrules=caller.kind == "admin",
            )  # fmt: skip
        if receipt.due:
            instance.runtime.nudge()
        answer = {
            "success": True,
            "stored": receipt.stored,
            "duplicates": receipt.duplicates,
            "rejected": [_listed(one) for one in receipt.rejected[:LISTED]],
        }
        if len(receipt.rejected) > LISTED:
            answer["rejected_in_all"] = len(receipt.rejected)
        if receipt.notes:
            answer["notes"] = [_listed(one) for one in receipt.notes[:LISTED]]
        return _json(answer)


def _listed(one: ingest.Rejected) -> dict[str, Any]:
    return {"index": one.index, "messageId": one.message_id, "reason": one.reason}


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if any(item is not None and (not isinstance(item, str) or item != printable(item, len(item))) for item in values):
        raise NobodyNamed(NobodyNamed.__doc__)  # half a character or a NUL is no name either
    return [item for item in values if item]


def _as_kept(address: str) -> str:
    try:
        return addresses.email(address)
    except addresses.NotAnAddress:
        return address  # nobody has it, and the answer says so


def _json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, {**ANY_PAGE, **(headers or {})}, "application/json")


def _problem(status: int, problem: Exception | str, headers: dict[str, str] | None = None) -> Response:
    return _json({"success": False, "error": str(problem)}, status, headers)
