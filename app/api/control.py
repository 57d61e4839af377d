"""The door for the commands of this machine: what has to happen inside the running process."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ...runtime.service import ClockRunsByItself

LONGEST_MS = 20 * 366 * 86_400_000


def routes(instance: Any) -> list[Route]:
    """``POST /-/control/<verb>``, for who can read this home's run.lock."""

    async def control(request: Request) -> JSONResponse:
        if not _local(request) or not _knows(instance, request):
            return JSONResponse({"error": "This door is for commands on the machine itself."}, 403)
        if request.path_params["verb"] == "nudge":
            instance.runtime.nudge()
            return JSONResponse({})
        if request.path_params["verb"] == "advance":
            try:
                ms = (await request.json())["ms"]
            except (ValueError, KeyError, TypeError):
                ms = None
            if not isinstance(ms, int) or isinstance(ms, bool) or not 0 <= ms <= LONGEST_MS:
                return JSONResponse({"error": "Say how far, between nothing and twenty years."}, 400)
            try:
                messages = await instance.runtime.advance(ms)
            except ClockRunsByItself as error:
                return JSONResponse({"error": str(error)}, 409)
            return JSONResponse({"messages": messages, "now_ms": instance.clock.now_ms()})
        return JSONResponse({"error": "There is no such verb."}, 404)

    return [Route("/-/control/{verb}", control, methods=["POST"])]


def _local(request: Request) -> bool:
    """True for a caller on this machine that did not come through a proxy."""
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        if ip_address(request.client.host).is_loopback:
            return True
    except ValueError:
        return False
    server = request.scope.get("server")
    return bool(server) and server[0] == request.client.host


def _knows(instance: Any, request: Request) -> bool:
    held = getattr(instance, "running", None)
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return held is not None and hmac.compare_digest(given.encode(), held.token.encode())
