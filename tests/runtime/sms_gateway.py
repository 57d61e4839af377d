"""A gateway for texts on this machine: takes them as Twilio does or as a plain JSON gateway, checks what it is sent,
and calls back signed. Other tests use it too."""

from __future__ import annotations

import hmac
import json
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

from sojourn.runtime.channels.callback import Call

SID, TOKEN, SECRET = "AC0123456789abcdef0123456789abcdef", "the-token", "the-secret"
NUMBER = "+420601000000"
Answer = tuple[int, Mapping[str, Any]]


class SmsGateway:
    """What came in, in order. ``say`` changes its answers: a status with a body, or a word for what goes wrong."""

    def __init__(self) -> None:
        self.texts: list[dict[str, str]] = []  # to, from, text, callback, id
        self.refused: list[str] = []  # requests that a careful gateway does not take
        self.say: Callable[[dict[str, str]], Answer | str | None] = lambda _: None
        self.before_answer: Callable[[], None] = lambda: None
        self.base = ""
        self._lock = threading.Lock()

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a Twilio account here."""
        return {"account_sid": SID, "auth_token": TOKEN, "base_url": self.base, "senders": [NUMBER], **more}

    def plain(self, **more: Any) -> dict[str, Any]:
        """Settings of a JSON gateway here."""
        return {
            "url": f"{self.base}/plain", "headers": {"Authorization": "Bearer {secret}"}, "secret": TOKEN,
            "body": {"from": "{from}", "to": "{to_digits}", "text": "{text}", "report": {"to": "{callback}"}},
            "answer": {
                "id": "messages.0.id", "status": "messages.0.status", "good": ["0"], "later": ["1"], "hard": ["6"],
                "error": "messages.0.why", "parts": "messages.0.parts", "cost": "messages.0.price",
            },
            "receipts": {"id": "message", "status": "state", "error": "error", "hard": ["6"]},
            "inbound": {"id": "message", "sender": "msisdn", "to": "to", "text": "text"},
            "proof": {"kind": "hmac", "header": "X-Signature", "timestamp": "X-Moment"}, "callback_secret": SECRET,
            "senders": [NUMBER], **more,
        }  # fmt: skip

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer | str:
        """One request: who sent it, and whether it can be read."""
        if path == f"/2010-04-01/Accounts/{SID}/Messages.json":
            return self._as_twilio(headers, body)
        if path.partition("?")[0] == "/plain":
            return self._as_plain(headers, body)
        if path.startswith("/query?"):
            return self._by_query(path.partition("?")[2])
        return self._no("no such address", 404, {"code": 20404, "message": "not found"})

    def _as_twilio(self, headers: Mapping[str, str], body: bytes) -> Answer | str:
        basic = headers.get("authorization", "").removeprefix("Basic ")
        if b64decode(basic).decode() != f"{SID}:{TOKEN}":
            return self._no("wrong token", 401, {"code": 20003, "message": "Authenticate"})
        if headers.get("content-type") != "application/x-www-form-urlencoded":
            return self._no("no form", 400, {"code": 21602, "message": "A text is required"})
        form = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        text = {"to": form["To"], "from": sender, "text": form["Body"], "callback": form.get("StatusCallback", "")}
        return self._kept(text, lambda sid: {
            "sid": sid, "status": "queued", "num_segments": "1", "price": None, "error_code": None,
        })  # fmt: skip

    def _as_plain(self, headers: Mapping[str, str], body: bytes) -> Answer | str:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return self._no("wrong key", 401, {"error": "who are you"})
        sent = json.loads(body)
        text = {"to": sent["to"], "from": sent["from"], "text": sent["text"], "callback": sent["report"]["to"]}
        price = {"status": 0, "parts": 2, "price": "0.0575"}
        return self._kept(text, lambda sid: {"messages": [{"id": sid, **price}]})

    def _by_query(self, query: str) -> Answer | str:
        sent = {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}
        if sent.pop("key", "") != TOKEN:
            return self._no("wrong key", 401, {"error": "who are you"})
        return self._kept({"callback": "", **sent}, lambda sid: {"id": sid})

    def _kept(self, text: dict[str, str], yes: Callable[[str], Mapping[str, Any]]) -> Answer | str:
        said = self.say(text)
        if said is not None:
            return said
        with self._lock:
            text["id"] = f"SM{len(self.texts):032d}"
            self.texts.append(text)
        return 201, yes(text["id"])

    def _no(self, why: str, status: int, body: Mapping[str, Any]) -> Answer:
        self.refused.append(why)
        return status, body

    # ── calling back ──────────────────────────────────────────────────────────────────────────────────

    def as_twilio(self, url: str, token: str = TOKEN, **fields: str) -> Call:
        """A call as Twilio makes it, signed: `as_twilio(url, MessageSid=…, MessageStatus="delivered")`."""
        signed = url + "".join(name + value for name, value in sorted(fields.items()))
        told = b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()
        headers = {"x-twilio-signature": told, "content-type": "application/x-www-form-urlencoded"}
        return Call("POST", url, headers, urlencode(fields).encode(), {})

    def as_plain(self, url: str, secret: str = SECRET, moment: float | None = None, **fields: Any) -> Call:
        """A call as the JSON gateway makes it, signed with its moment."""
        body = json.dumps(fields).encode()
        seconds = str(int(time.time() if moment is None else moment))
        told = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
        headers = {"x-signature": told, "x-moment": seconds, "content-type": "application/json"}
        return Call("POST", url, headers, body, {})


@contextmanager
def sms_gateway() -> Iterator[SmsGateway]:
    """A gateway that runs as long as the block."""
    gateway = SmsGateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            said = gateway.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            gateway.before_answer()
            if said == "drop":
                self.close_connection = True
                return
            if said == "hang":
                time.sleep(2)
                self.close_connection = True
                return
            assert isinstance(said, tuple)
            status, answer = said
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"content-length": len(text), "retry-after": 30 if status == 429 else ""}.items():
                if value != "":
                    self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
