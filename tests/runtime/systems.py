"""A system of somebody else: in a thread, it answers webhooks as it is told and remembers what it heard."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sojourn.runtime.channels.channel import Outcome

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Heard:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class System:
    """``answer`` gets each request and says status, headers and body; None hangs up without a word."""

    answer: Callable[[Heard], Answer | None] = lambda heard: (200, {}, b"{}")
    heard: list[Heard] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> System:
        system = self

        class Talk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                one = Heard(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                system.heard.append(one)
                said = system.answer(one)
                if said is None:
                    self.close_connection = True
                    return
                status, headers, content = said
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Allowing:
    """A mark that lets all leave but some, and remembers who asked."""

    def __init__(self, *refused: int) -> None:
        self.refused, self.asked = refused, []

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        self.asked += list(ids)
        return frozenset(ids) - set(self.refused)

    def tell(self, message_id: int, outcome: Outcome) -> None: ...
