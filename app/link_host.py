"""On the owner's domain for links nothing else answers: counting, ways out, preferences, short addresses."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ..runtime.deliverability.dns import PROOF

SHOWN = ("/c/", "/o/", "/u/", "/p/", "/s/", "/confirm/", "/public/", "/assets/style/")
REMEMBERED_S = 1.0  # settings changed elsewhere hold this much later


class LinkHost:
    """Looks at the host a request asks for; requests for the other hosts pass as they are."""

    def __init__(self, app: ASGIApp, instance: Any) -> None:
        self._app, self._instance = app, instance
        self._own = {"localhost", _host(instance.config.address)}
        self._known, self._until = "", 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not self._is_for_links(scope):
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await WebSocketClose()(scope, receive, send)
        path: str = scope["path"]
        if path.startswith(SHOWN) or path == PROOF:
            return await self._app(scope, receive, send)
        answer = PlainTextResponse("Nothing is shown here: this address is for links in letters.", 404)
        return await answer(scope, receive, send)

    def _is_for_links(self, scope: Scope) -> bool:
        host = _host("//" + Headers(scope=scope).get("host", ""))
        if host in self._own or not host:
            return False
        if time.monotonic() > self._until:
            settings = self._instance.settings
            own = _host(settings.tracking_url)
            self._known = own if own != _host(settings.base_url) else ""
            self._until = time.monotonic() + REMEMBERED_S
        return bool(self._known) and host == self._known


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower().rstrip(".")  # a dot at the end is the same name
    except ValueError:
        return ""
