"""What NiceGUI leaves open, closed: origins, sessions on sockets and uploads, foreign clients, the log, headers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from fnmatch import fnmatch
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from nicegui import core
from nicegui.client import Client
from nicegui.version import __version__ as nicegui_version
from socketio.exceptions import ConnectionRefusedError as SocketRefused
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .auth import Accounts, key_of

UPLOAD_LIMIT = 256 * 1024 * 1024  # bytes of one upload
BODY_LIMIT = 64 * 1024  # bytes of any other body for a page
MESSAGE_LIMIT = 1_000_000  # bytes of one message on the socket
LOG_LINE = 300  # characters of a browser's complaint
STATIC = (f"/_nicegui/{nicegui_version}/", "/favicon.ico")  # files anybody may have, the same for everybody
UPLOADS = "/_nicegui/client/"
SOCKET = "/_nicegui_ws/"

PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: https:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""NiceGUI cannot live without inline scripts and eval, so this closes frames, forms, plugins and foreign hosts only.

The canvas brings its layout as a worker inside its one file, which a browser starts from a blob."""

HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

STALE_PAGE = "Implicit handshake failed"  # NiceGUI's own words: at these a browser loads the page anew

log = logging.getLogger("sojourn.face")


class SecurityHeaders:
    """Headers every answer carries, unless the answer has stricter ones of its own."""

    def __init__(self, app: ASGIApp, secure: bool = False) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return await self._app(scope, receive, with_headers)


class Guard:
    """Stands between the server and NiceGUI: only a signed-in browser on our own origin gets through."""

    def __init__(self, app: ASGIApp, accounts: Accounts, hosts: Hosts) -> None:
        self._app = app
        self._accounts = accounts
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        path: str = scope["path"]
        if scope["type"] == "http" and path.startswith(STATIC):
            return await self._app(scope, receive, send)
        connection = HTTPConnection(scope)
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD") or path.startswith(SOCKET)
        if not self._hosts.served(connection.headers) or (changes and not self._hosts.same_origin(connection.headers)):
            return await _refuse(scope, receive, send, 403, "This request came from another site.")
        if await self._accounts.who(key_of(connection)) is None:
            if scope["type"] == "http" and scope["method"] == "GET" and not path.startswith("/_nicegui"):
                answer = RedirectResponse("/sign-in?next=" + quote(path, safe=""), 303)
                return await answer(scope, receive, send)
            return await _refuse(scope, receive, send, 401, "Sign in first.")
        if scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        limit = MESSAGE_LIMIT if path.startswith(SOCKET) else BODY_LIMIT
        if path.startswith(UPLOADS):
            if not _owns(key_of(connection), path.removeprefix(UPLOADS).partition("/")[0]):
                return await _refuse(scope, receive, send, 403, "This page belongs to another session.")
            limit = UPLOAD_LIMIT
        return await self._limited(limit, scope, receive, send)

    async def _limited(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it comes in, whatever its length is said to be."""
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdigit() or int(said) > limit:
            return await _refuse(scope, receive, send, 413, "This is larger than what is accepted here.")
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return message if seen <= limit else {"type": "http.disconnect"}

        return await self._app(scope, counted, send)


class Hosts:
    """Which names this server answers to, and which pages may talk to it."""

    def __init__(self, address: str, hosts: tuple[str, ...] = (), origins: tuple[str, ...] = ()) -> None:
        self._names = {"localhost", (urlsplit(address).hostname or "localhost").lower()}
        self._patterns = tuple(host.lower() for host in hosts)
        self._origins = {address.rstrip("/").lower(), *(origin.lower() for origin in origins)}

    def served(self, headers: Headers) -> bool:
        """Refuses foreign names that resolve to this machine; a bare address cannot be one."""
        try:
            name = (urlsplit("//" + headers.get("host", "")).hostname or "").lower()
        except ValueError:  # no host is written like that
            return False
        if name in self._names or any(fnmatch(name, pattern) for pattern in self._patterns):
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True

    def same_origin(self, headers: Headers) -> bool:
        """Whether the request comes from a page of ours; without an Origin, the browser's word on the site counts."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        if origin.lower() in self._origins:
            return True
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() and origin.lower() != "null"


def close_socket(accounts: Accounts) -> None:
    """Wrap NiceGUI's socket handlers: a socket speaks only for pages of its own, still signed-in session."""
    sio: Any = core.sio
    sio.eio.cors_allowed_origins = []  # the guard has judged the origin; no answer invites another one
    sio.eio.max_http_buffer_size = MESSAGE_LIMIT
    handlers = sio.handlers["/"]

    def allowed(sid: str, client_id: Any) -> bool:
        key = key_of(HTTPConnection(sio.get_environ(sid)["asgi.scope"]))
        return accounts.known(key) and _owns(key, client_id)

    def owned(handler: Callable[[str, dict[str, Any]], Any]) -> Callable[[str, Any], Awaitable[Any]]:
        async def checked(sid: str, message: Any) -> Any:
            if not isinstance(message, dict) or not allowed(sid, message.get("client_id")):
                return False
            try:
                answer = handler(sid, message)
                return await answer if hasattr(answer, "__await__") else answer
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # ours have their own net
                log.info("a browser sent what no page of ours sends; it was dropped")
                return False

        return checked

    connect = handlers["connect"]

    async def connected(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        query = HTTPConnection(environ["asgi.scope"]).query_params
        if "client_id" in query and not allowed(sid, query["client_id"]):
            raise SocketRefused(STALE_PAGE)
        await connect(sid, environ, auth)

    async def complain(sid: str, message: Any) -> None:
        text = str(message.get("message", "")) if isinstance(message, dict) else ""
        log.info("a browser says %r", text[:LOG_LINE])

    for name in ("handshake", "event", "javascript_response", "ack"):
        handlers[name] = owned(handlers[name])
    handlers["connect"] = connected
    handlers["log"] = complain


def end_pages(key: str | None) -> None:
    """Send every open page of a session to the sign-in page."""
    for client in list(Client.instances.values()):
        if key and client._request is not None and key_of(client.request) == key:
            client.open("/sign-in")


def _owns(key: str | None, client_id: Any) -> bool:
    client = Client.instances.get(client_id) if isinstance(client_id, str) else None
    return client is not None and client._request is not None and key is not None and key_of(client.request) == key


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(4403, sentence)(scope, receive, send)
    else:
        await PlainTextResponse(sentence, status)(scope, receive, send)
