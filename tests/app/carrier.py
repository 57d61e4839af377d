"""A carrier that tells us things, and the door it tells them at, over real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from sojourn.app.api import hooks
from sojourn.runtime.channels.callback import Call, Forged, Malformed, Reply, Signal
from sojourn.runtime.clock import Clock, SystemClock
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import accounts
from sojourn.storage.accounts import Account
from sojourn.storage.columns import from_ms
from sojourn.storage.database import Database

BASE = "https://go.example.com"
KEY = b"the carrier's key"


class Carrier:
    """A carrier as a third party would add it: its signature covers the address and the body."""

    def __init__(self) -> None:
        self.after = 0

    async def hear(self, call: Call) -> Reply:
        return self.read(call)

    def read(self, call: Call) -> Reply:
        if not hmac.compare_digest(call.headers.get("x-signature", ""), sign(call.url, call.body)):
            raise Forged
        try:
            told = json.loads(call.body or call.query["told"])
        except (ValueError, KeyError) as problem:
            raise Malformed("The carrier's call is no JSON.") from problem
        return Reply([Signal(**one) for one in told], "<ok/>", "application/xml", then=self._then)

    async def _then(self) -> None:
        self.after += 1
        raise RuntimeError("what comes after the answer never spoils it")


def sign(url: str, body: bytes) -> str:
    return hmac.new(KEY, url.encode() + body, hashlib.sha256).hexdigest()


class Server:
    """The door of an instance on a free port, with an account of the carrier."""

    def __init__(self, db: Database, clock: Clock | None = None, instance: Any = None) -> None:
        self.db, self.nudges = db, 0
        clock = clock or SystemClock()
        instance = instance or SimpleNamespace(
            db=db, clock=clock, shelf=ProgramShelf(), config={"base_url": BASE}, runtime=self, settings=None,
            secrets=None,
        )  # fmt: skip
        at = from_ms(clock.now_ms())
        account = Account(name="texts", medium="email", carrier="x", status="off", created_at=at, changed_at=at)
        db.write(lambda tx: accounts.keep(tx, account))
        self._server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=hooks.routes(instance)), port=0, log_level="warning")
        )
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def nudge(self) -> None:
        self.nudges += 1

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def call(self, *told: dict[str, Any], name: str = "texts", key: str | None = None) -> httpx.Response:
        body = json.dumps(told).encode()
        return self.post(body, name, key or sign(f"{BASE}/hooks/{name}", body))

    def post(self, body: bytes, name: str = "texts", signature: str = "") -> httpx.Response:
        return httpx.post(f"{self.url}/hooks/{name}", content=body, headers={"x-signature": signature})


@contextmanager
def listening(db: Database, monkeypatch: pytest.MonkeyPatch, clock: Clock | None = None) -> Iterator[Server]:
    """The door with a carrier of ours behind it."""
    carrier = Carrier()
    monkeypatch.setattr(hooks, "opener", lambda instance: lambda account: carrier)
    server = Server(db, clock)
    yield server
    server.stop()
