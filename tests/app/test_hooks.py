"""The door for what carriers tell us, over real sockets: signatures, broken calls, calls played again."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from sojourn.app.api import hooks
from sojourn.app.api.body import MAX_BODY
from sojourn.runtime.channels.callback import Call, Forged, Malformed, Reply, Signal
from sojourn.runtime.clock import SystemClock
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import accounts
from sojourn.storage.accounts import Account
from sojourn.storage.database import Database

BASE = "https://go.example.com"
KEY = b"the carrier's key"


class Carrier:
    """A carrier as a third party would add it: its signature covers the address and the body."""

    def __init__(self) -> None:
        self.after = 0

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
    def __init__(self, db: Database) -> None:
        self.db, self.nudges = db, 0
        instance = SimpleNamespace(
            db=db, clock=SystemClock(), shelf=ProgramShelf(), config={"base_url": BASE}, runtime=self, settings=None,
            secrets=None,
        )  # fmt: skip
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


@pytest.fixture
def server(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    carrier = Carrier()
    monkeypatch.setattr(hooks, "opener", lambda instance: lambda account: carrier)
    at = datetime.now(UTC)
    texts = Account(name="texts", medium="email", carrier="x", status="off", created_at=at, changed_at=at)
    db.write(lambda tx: accounts.keep(tx, texts))
    person = [(1, "ann@example.com", "{}", 0, 0)]
    db.write(lambda tx: tx.insert("contacts", "id,email,properties,created_at,changed_at", person))
    server = Server(db)
    yield server
    server.stop()


def told(db: Database) -> list[Any]:
    return db.look(lambda tx: tx.rows("SELECT name FROM events ORDER BY id"))


REPLIED = {"kind": "replied", "key": "r1", "address": "Ann@example.com", "text": "Nice"}


def test_what_a_carrier_tells_is_stored_before_it_is_answered_and_once(server: Server) -> None:
    for _ in range(2):
        answer = server.call(REPLIED, REPLIED)
        assert (answer.status_code, answer.text) == (200, "<ok/>")
        assert answer.headers["content-type"].startswith("application/xml")
        assert "set-cookie" not in answer.headers
        assert told(server.db) == [("message_replied",)]


def test_a_forged_call_changes_nothing(server: Server) -> None:
    assert server.call(REPLIED, key="0" * 64).status_code == 403
    assert server.call(REPLIED, key=sign("https://elsewhere.example.com/hooks/texts", b"")).status_code == 403
    assert told(server.db) == []
    assert server.db.look(lambda tx: tx.value("SELECT count(*) FROM callbacks")) == 0


def test_a_broken_call_is_refused_in_a_sentence(server: Server) -> None:
    answer = server.post(b"{", "texts", sign(f"{BASE}/hooks/texts", b"{"))
    assert (answer.status_code, answer.text) == (400, "The carrier's call is no JSON.")
    assert server.post(b"x" * (MAX_BODY + 1)).status_code == 413
    assert server.call(REPLIED, name="nobody").status_code == 404
    assert httpx.delete(f"{server.url}/hooks/texts").status_code == 405


def test_a_carrier_that_calls_by_get_is_heard(server: Server) -> None:
    query = httpx.QueryParams({"told": json.dumps([REPLIED])})
    signature = sign(f"{BASE}/hooks/texts?{query}", b"")
    answer = httpx.get(f"{server.url}/hooks/texts?{query}", headers={"x-signature": signature})
    assert answer.status_code == 200
    assert told(server.db) == [("message_replied",)]
