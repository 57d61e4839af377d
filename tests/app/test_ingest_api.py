"""The door for events over real sockets: real SDKs, packed bodies, broken bodies, wrong keys."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import segment.analytics as segment
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from sojourn.app.api.behind import Behind, TooFarBehind
from sojourn.app.api.body import MAX_BODY, NotJson, read_json
from sojourn.app.api.ingest import routes
from sojourn.runtime.clock import SystemClock
from sojourn.runtime.governance import versions
from sojourn.runtime.program import ProgramShelf
from sojourn.storage.columns import load
from sojourn.storage.database import Database
from sojourn.storage.keys import digest

KEY = "wk_test"
ADMIN = "ak_test"
DOCS = Path(__file__).parents[2] / "docs" / "events.md"


class Server:
    """An instance's ingest routes on a free port."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.nudges = 0
        instance = SimpleNamespace(
            db=db, clock=SystemClock(), shelf=ProgramShelf(), config=SimpleNamespace(base_url=""), runtime=self
        )
        self._server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes(instance)), port=0, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run)

    def nudge(self) -> None:
        self.nudges += 1

    def start(self) -> None:
        keys = [("test", "write", digest(KEY), "wk", 0), ("test", "admin", digest(ADMIN), "ak", 0)]
        self.db.write(lambda tx: tx.insert("api_keys", "name,kind,digest,hint,created_at", keys))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(base_url=self.url, auth=(KEY, ""), timeout=30)

    def stop(self) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.db.look(lambda tx: tx.rows(sql))

    def names(self) -> list[str]:
        return sorted(name for (name,) in self.rows("SELECT name FROM events"))


@pytest.fixture
def server(db: Database) -> Iterator[Server]:
    server = Server(db)
    server.start()
    yield server
    server.stop()


def track(n: int = 0, **rest: Any) -> dict[str, Any]:
    return {"type": "track", "event": "seen", "userId": f"u{n}", "messageId": f"m{n}", **rest}


# ── real clients ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("packed", [False, True])
def test_the_python_sdk_with_only_the_host_changed(server: Server, packed: bool) -> None:
    problems: list[Any] = []
    client = segment.Client(
        KEY, host=server.url, gzip=packed, on_error=lambda error, items: problems.append(error), max_retries=1
    )
    client.identify("u1", {"email": "ann@example.com", "firstName": "Ann"})
    client.track("u1", "added_to_cart", {"product": "Shoe"})
    client.page("u1", "Shop", "Home")
    client.screen("u1", "Shop", "Cart")
    client.group("u1", "g1", {"size": 3})
    client.alias("visitor", "u1")
    client.track(anonymous_id="visitor", event="looked")
    client.flush()
    client.join()
    assert problems == []
    assert server.names() == ["$alias", "$group", "$identify", "added_to_cart", "looked", "page", "screen"]
    assert server.rows("SELECT email, external_id FROM contacts WHERE merged_into IS NULL") == [
        ("ann@example.com", "u1")
    ]


NODE = """
const { Analytics } = require('@segment/analytics-node')
const analytics = new Analytics({ writeKey: process.env.KEY, host: process.env.HOST })
analytics.on('error', (error) => { console.error(error); process.exitCode = 1 })
analytics.identify({ userId: 'u1', anonymousId: 'visitor', traits: { email: 'ann@example.com', first_name: 'Ann' } })
analytics.track({ userId: 'u1', event: 'added_to_cart', properties: { product: 'Shoe' } })
analytics.page({ userId: 'u1', name: 'Home' })
analytics.group({ userId: 'u1', groupId: 'g1' })
analytics.alias({ userId: 'u1', previousId: 'old' })
analytics.track({ anonymousId: 'visitor', event: 'looked' })
analytics.closeAndFlush()
"""


def test_the_node_sdk_with_only_the_host_changed(server: Server) -> None:
    folder = os.environ.get("SOJOURN_NODE_SDK")
    if not folder or not shutil.which("node"):
        pytest.skip("SOJOURN_NODE_SDK names no folder with @segment/analytics-node; `make test` prepares it")
    environment = {**os.environ, "KEY": KEY, "HOST": server.url}
    ran = subprocess.run(["node", "-e", NODE], cwd=folder, env=environment, capture_output=True, timeout=60, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert server.names() == ["$alias", "$group", "$identify", "added_to_cart", "looked", "page"]
    assert server.rows("SELECT email, external_id FROM contacts") == [("ann@example.com", "u1")]


@pytest.mark.parametrize(
    "path", ["t", "i", "p", "s", "g", "a", "track", "identify", "page", "screen", "group", "alias"]
)
def test_single_messages_as_the_browser_sends_them(server: Server, path: str) -> None:
    message = {"userId": "u1", "event": "seen", "groupId": "g", "previousId": "before", "writeKey": KEY}
    answer = httpx.post(f"{server.url}/v1/{path}", content=json.dumps(message), headers={"Content-Type": "text/plain"})
    assert answer.json() == {"success": True, "stored": 1, "duplicates": 0, "rejected": []}
    assert answer.headers["access-control-allow-origin"] == "*"
    before = httpx.options(f"{server.url}/v1/{path}", headers={"Access-Control-Request-Headers": "authorization"})
    assert before.status_code == 204
    assert "authorization" in before.headers["access-control-allow-headers"]


def test_the_browser_sdk_is_told_where_to_send(server: Server) -> None:
    answer = httpx.get(f"{server.url}/v1/projects/{KEY}/settings").json()
    target = answer["integrations"]["Segment.io"]
    assert f"{target['protocol']}://{target['apiHost']}" == f"{server.url}/v1"
    assert target["apiKey"] == KEY
    assert httpx.get(f"{server.url}/v1/projects/wrong/settings").status_code == 401


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────────


def test_one_bad_message_never_spoils_a_batch(server: Server) -> None:
    batch = json.dumps({"batch": [track(n) for n in range(6)]})
    spoiled = (
        batch.replace('"u0"', '"u0","properties":{"a":NaN}')
        .replace('"u1"', '"u1","properties":{"a":"\\ud800"}')
        .replace('"u2"', '"u2","properties":{"a":' + "[" * 3_000 + "]" * 3_000 + "}")
        .replace('"u3"', '"u3","properties":{"a":1e400}')
        .replace('"u4"', '"u4","properties":{"a":' + "7" * 5_000 + "}")
    )
    answer = server.http.post("/v1/batch", content=spoiled)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["success"], told["stored"], told["duplicates"]) == (True, 1, 0)
    assert [(one["index"], one["messageId"]) for one in told["rejected"]] == [(n, f"m{n}") for n in range(5)]
    words = ["NaN", "surrogate", "deeper", "number too large", "number too large"]
    assert all(word in one["reason"] for word, one in zip(words, told["rejected"], strict=True))
    assert server.http.post("/v1/batch", content=batch).json()["duplicates"] == 1


@pytest.mark.parametrize(
    ("path", "content", "status", "sentence"),
    [
        ("batch", b"", 400, "not JSON"),
        ("batch", b"{", 400, "not JSON"),
        ("batch", b"\xff\xfe", 400, "byte 1 is no UTF-8"),
        ("batch", b'{"batch": ["\xe9"]}', 400, "byte 13 is no UTF-8"),
        ("batch", b"[1]", 400, "JSON object"),
        ("track", b'"text"', 400, "JSON object"),
        ("batch", b"{}", 400, "`batch`"),
        ("batch", b'{"batch": {}}', 400, "`batch`"),
        ("batch", gzip.compress(b'{"batch": []}', mtime=0)[:-9], 400, "gzip"),
        ("batch", b"\x1f\x8bnothing", 400, "gzip"),
        ("batch", b" " * (MAX_BODY + 1), 413, "smaller batches"),
        ("track", b"{}", 200, None),
        ("batch", b'{"batch": []}', 200, None),
        ("batch", b'\xef\xbb\xbf{"batch": []}', 200, None),
        ("batch", gzip.compress(b'{"batch": [1, null, [], "x"]}', mtime=0), 200, None),
    ],
)
def test_bodies_that_cannot_be_used_are_answered_in_sentences(
    server: Server, path: str, content: bytes, status: int, sentence: str | None
) -> None:
    answer = server.http.post(f"/v1/{path}", content=content)
    assert answer.status_code == status
    assert answer.json()["success"] is (status == 200)
    if sentence:
        assert sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("key", "message"), [("wrong", {}), ("", {}), ("", {"writeKey": "wrong"}), ("", {"writeKey": 7})]
)
def test_a_wrong_key_is_answered(server: Server, key: str, message: dict[str, Any]) -> None:
    answer = httpx.post(f"{server.url}/v1/track", json={**track(), **message}, auth=(key, "") if key else None)
    assert answer.status_code == 401
    assert "write key" in answer.json()["error"]
    assert server.names() == []


def test_a_revoked_key_stops_within_seconds(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sojourn.app.api.keys.REMEMBERED_S", 0.2)
    assert server.http.post("/v1/track", json=track()).status_code == 200
    server.db.write(lambda tx: tx.run("UPDATE api_keys SET revoked_at = 1"))
    time.sleep(0.25)
    assert server.http.post("/v1/track", json=track()).status_code == 401


def test_a_gzip_bomb_is_refused_in_little_memory(server: Server) -> None:
    packer = zlib.compressobj(9, wbits=31)
    zeros = b" " * 10_000_000
    bomb = b"".join(packer.compress(zeros) for _ in range(40)) + packer.flush()  # 400 MB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = server.http.post("/v1/batch", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000  # kB


def test_a_small_bomb_that_comes_in_one_piece_is_answered_too(server: Server) -> None:
    bomb = gzip.compress(b"x" * 50_000_000, mtime=0)
    answer = server.http.post("/v1/track", content=bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["success"]) == (413, False)
    assert server.http.post("/v1/track", json=track()).status_code == 200


def test_who_hangs_up_amid_a_body_leaves_no_error_behind(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    key = base64.b64encode(f"{KEY}:".encode()).decode()
    for size, sent in ((5_000_000, b" " * 500_000), (500_000, gzip.compress(b"x" * 50_000_000, mtime=0))):
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as line:
            head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {key}\r\nContent-Length: {size}\r\n\r\n"
            line.sendall(head.encode() + sent)
            time.sleep(0.2)
    time.sleep(0.3)
    assert server.http.post("/v1/track", json=track()).status_code == 200
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_history_keeps_its_times(server: Server) -> None:
    old = track(timestamp="2020-02-29T12:00:00Z")
    assert server.http.post("/v1/import", json={"batch": [old]}).json()["stored"] == 1
    assert server.rows("SELECT at FROM events") == [(1_582_977_600_000,)]
    assert server.nudges == 0


def test_people_are_let_in_by_the_api(server: Server) -> None:
    nodes = {
        "in": {"kind": "trigger_api", "settings": {}, "next": {"next": "rest"}, "at": [0, 0]},
        "rest": {"kind": "wait", "settings": {"amount": 1, "unit": "days"}, "next": {"next": "out"}},
        "out": {"kind": "exit", "settings": {}, "next": {}},
    }
    content = {"name": "welcome", "title": "Welcome", "message_type": "marketing", "nodes": nodes, "letters": {}}
    server.db.write(lambda tx: versions.publish(tx, versions.save_draft(tx, content, "ann", 1), "ann", 1))
    server.http.post("/v1/batch", json={"batch": [track(1), track(2)]})
    admin = httpx.Client(base_url=server.url, auth=(ADMIN, ""))
    answer = admin.post("/v1/journeys/welcome/enroll", json={"userId": ["u1", "u2", "nobody"]})
    assert answer.json() == {"success": True, "enrolled": 2, "unknown": ["nobody"]}
    assert server.nudges == 1
    assert admin.post("/v1/journeys/welcome/enroll", json={"userId": "u1"}).json()["enrolled"] == 0
    for name in ("u1", "nobody"):  # a write key is public: it learns nothing of who is known
        assert server.http.post("/v1/journeys/welcome/enroll", json={"userId": name}).json() == {"success": True}
    assert server.http.post("/v1/journeys/other/enroll", json={"userId": "u1"}).status_code == 404
    for nobody in ({}, {"userId": 7}, {"email": [None]}, {"userId": "nul \0"}):
        answer = server.http.post("/v1/journeys/welcome/enroll", json=nobody)
        assert (answer.status_code, "Say who" in answer.json()["error"]) == (400, True)
    half = server.http.post("/v1/journeys/welcome/enroll", content=rb'{"userId": "half \ud800"}')
    assert (half.status_code, "Say who" in half.json()["error"]) == (400, True)
    server.http.post("/v1/identify", json={"userId": "u9", "traits": {"email": "ann@example.com"}})
    answer = admin.post("/v1/journeys/welcome/enroll", json={"email": " Ann@Example.COM"})
    admin.close()
    assert answer.json() == {"success": True, "enrolled": 1, "unknown": []}


def test_health_says_how_far_behind_the_engine_is(server: Server) -> None:
    answer = httpx.get(f"{server.url}/healthz").json()
    assert answer == {
        "status": "ok",
        "engine_lag_seconds": 0,
        "contacts_due": 0,
        "messages_queued": 0,
        "requests_waiting": 0,
    }


def test_when_too_much_waits_clients_are_sent_away_for_a_while() -> None:
    behind = Behind(most=2, longest_s=0.05)
    with behind.waiting():
        behind.refuse_if_too_far()
        with behind.waiting(), pytest.raises(TooFarBehind):
            behind.refuse_if_too_far()
        time.sleep(0.06)
        with pytest.raises(TooFarBehind):
            behind.refuse_if_too_far()
    behind.refuse_if_too_far()


def test_who_is_sent_away_comes_back(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Behind) -> None:
        monkeypatch.undo()
        raise TooFarBehind(TooFarBehind.__doc__)

    monkeypatch.setattr(Behind, "refuse_if_too_far", full)
    client = segment.Client(KEY, host=server.url, max_retries=3)
    client.track("u1", "seen")
    client.flush()
    client.join()
    assert server.names() == ["seen"]


# ── anything at all ───────────────────────────────────────────────────────────────────────────────────

words = st.sampled_from([*"abc", "u1", "\0", "\ud800", "track", "2026-01-01", "9" * 40, "ann@example.com", "é"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
fields = [
    "userId", "anonymousId", "previousId", "groupId", "event", "name", "messageId", "timestamp", "originalTimestamp",
    "sentAt", "properties", "traits", "context",
]  # fmt: skip
kinds = st.sampled_from(["track", "identify", "page", "screen", "group", "alias"])
messages = st.builds(
    lambda kind, message, traits: {"type": kind, "userId": "u", "event": "e", **message, "traits": traits},
    kinds,
    st.dictionaries(st.sampled_from(fields), anything, max_size=5),
    st.dictionaries(st.sampled_from(["email", "phone", "firstName", "x"]), anything, max_size=3),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(messages | anything, max_size=5))
def test_whatever_is_sent_is_answered_with_what_became_of_it(server: Server, batch: list[Any]) -> None:
    answer = server.http.post("/v1/batch", content=json.dumps({"batch": batch}))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["stored"] + told["duplicates"] + len(told["rejected"]) == len(batch)


@given(body=anything)
def test_reading_a_body_gives_an_object_or_a_sentence(body: Any) -> None:
    try:
        read_json(json.dumps(body).encode())
    except Exception as problem:
        assert type(problem).__name__ in ("NotAnObject", "NotJson")


@given(body=st.binary(max_size=200))
def test_reading_noise_gives_a_sentence(body: bytes) -> None:
    with contextlib.suppress(NotJson):
        assert isinstance(read_json(b"{" + body), dict)


# ── the page about it ─────────────────────────────────────────────────────────────────────────────────


def test_the_curl_lines_in_the_docs_work(server: Server) -> None:
    blocks = re.findall(r"```sh\n(curl .*?)```", DOCS.read_text(), re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        command = block.replace("http://127.0.0.1:8321", server.url).replace("YOUR_WRITE_KEY", KEY)
        ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20)
        answer = json.loads(ran.stdout)
        assert answer.get("success") or answer.get("status") == "ok" or "no live journey" in answer["error"], block
    assert load(server.rows("SELECT properties FROM events WHERE name = 'added_to_cart'")[0][0])["product"]
