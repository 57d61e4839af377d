"""A browser reduced to what an attacker has: HTTP with a cookie, and a socket that says what it likes."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import socketio
from socketio.exceptions import ConnectionError as Refused


@dataclass
class Page:
    """An opened page: its client id and its elements, as the server sent them."""

    client_id: str
    elements: dict[str, dict[str, Any]]
    text: str = field(repr=False)

    def listener(self, label: str, event: str = "click") -> tuple[int, str]:
        """The element and listener id behind a button of this label."""
        for number, element in self.elements.items():
            if element.get("props", {}).get("label") == label:
                for listener in element["events"]:
                    if listener["type"] == event:
                        return int(number), listener["listener_id"]
        raise LookupError(label)

    def of_class(self, name: str) -> str:
        """The text of the first element of this class."""
        return next(e["text"] for e in self.elements.values() if name in e.get("class", []) and e.get("text"))


class Visitor:
    """Signs in, opens pages, and speaks on the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(base_url=address, timeout=30)

    def sign_in(self, email: str, password: str) -> httpx.Response:
        """Post the form."""
        return self.http.post("/sign-in", data={"email": email, "password": password})

    def open(self, path: str) -> Page:
        """Get a page and read what is in it."""
        answer = self.http.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers)
        client_id = re.search(r"'client_id': '([0-9a-f-]{36})'", answer.text)
        elements = re.search(r"parseElements\(String\.raw`(.*?)`\)", answer.text, re.S)
        assert client_id and elements
        return Page(client_id[1], json.loads(html.unescape(elements[1])), answer.text)

    @property
    def cookie(self) -> str:
        """What the browser would send."""
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def promise(self, path: str, length: int) -> int:
        """Announce a body of this length, send none of it, and return the status of the answer."""
        line = HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        line.putrequest("POST", path)
        for name, value in (("Cookie", self.cookie), ("Content-Length", str(length)), ("Origin", self.address)):
            line.putheader(name, value)
        line.endheaders()
        status = line.getresponse().status
        line.close()
        return status

    async def socket(self, page: Page, *, cookie: str | None = None, origin: str | None = None) -> socketio.AsyncClient:
        """Connect for a page, as the page's own script does; raises when the server refuses."""
        sio = socketio.AsyncClient(reconnection=False)
        query = f"client_id={page.client_id}&next_message_id=0&implicit_handshake=true&tab_id=t&document_id=d"
        headers = {"Origin": origin or self.address, "Cookie": self.cookie if cookie is None else cookie}
        path = "/_nicegui_ws/socket.io"
        try:
            await sio.connect(f"{self.address}/?{query}", headers, socketio_path=path, transports=["websocket"])
        except Refused:
            if sio.eio.http:
                await sio.eio.http.close()
            raise
        return sio


def click(page: Page, label: str) -> dict[str, Any]:
    """The message a click on this button sends."""
    element, listener = page.listener(label)
    return {"id": element, "client_id": page.client_id, "listener_id": listener, "args": []}
