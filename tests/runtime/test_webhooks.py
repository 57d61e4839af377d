"""Events told to other systems: signed as the official library has it, tried again, never into a private network."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Official

from sojourn.runtime import ingest, notices
from sojourn.runtime.chores import webhooks as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.exchange import outgoing, webhooks
from sojourn.runtime.occurrences import occur
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import webhooks as log
from sojourn.storage.database import Database

MINUTE, DAY = 60_000, 86_400_000


class Plain:
    """Stands for the instance's key: it can tell its own seals."""

    def seal(self, text: str) -> str:
        return f"sealed:{text}"

    def open(self, sealed: str) -> str:
        return sealed.removeprefix("sealed:")


class Receiver:
    """A real web server that keeps what it is told and answers as it is asked to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({key.lower(): value for key, value in self.headers.items()}, body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("location", "http://127.0.0.1:1/secret")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


class House:
    """What chores get: a store, a clock, the instance's key and configuration."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.shelf, self.secrets = db, ManualClock(1_790_000_000_000), ProgramShelf(), Plain()
        self.config: dict[str, Any] = {"private_hosts": ("127.0.0.1",)}

    def hook(self, url: str, *events: str, segments: tuple[str, ...] = ()) -> tuple[int, str]:
        now = self.clock.now_ms()
        return self.db.write(lambda tx: webhooks.make(tx, self.secrets.seal, "CRM", url, events, segments, "ann", now))

    def happens(self, name: str, n: int = 1, **properties: Any) -> None:
        message = {"type": "track", "event": name, "userId": "u1", "messageId": f"{name}{n}", "properties": properties}
        asyncio.run(ingest.accept(self.db, self.shelf, self.clock, [message], "test"))

    def beat(self, later: int = 0) -> None:
        self.clock.set(self.clock.now_ms() + later)
        chore.run(self)

    def log(self, webhook: int) -> list[tuple[str, int, int | None]]:
        rows = self.db.look(lambda tx: log.log(tx, webhook))
        return [(status, attempts, code) for _, _, status, attempts, code, *_ in reversed(rows)]


@pytest.fixture
def house(db: Database) -> House:
    return House(db)


def test_the_official_library_accepts_what_is_sent(house: House, receiver: Receiver) -> None:
    hook, secret = house.hook(receiver.url, "purchased")
    house.happens("purchased", total=20.5)
    house.happens("viewed_product", product_id=1)
    house.beat()
    ((headers, body),) = receiver.got
    signed_at = int(headers["webhook-timestamp"])
    assert signed_at == house.clock.now_ms() // 1000
    official = Official(secret)
    when = datetime.fromtimestamp(signed_at, UTC)
    assert official.sign(headers["webhook-id"], when, body.decode()) == headers["webhook-signature"]
    message = json.loads(body)
    assert (message["type"], message["data"]["properties"]) == ("purchased", {"total": 20.5})
    assert message["data"]["contact"]["external_id"] == "u1"
    assert house.log(hook) == [("delivered", 1, 204)]
    house.beat()
    assert len(receiver.got) == 1


def test_a_secret_is_never_stored_as_it_is(house: House, receiver: Receiver) -> None:
    _, secret = house.hook(receiver.url, "purchased")
    assert house.db.look(lambda tx: tx.value("SELECT sealed FROM webhooks")) == f"sealed:{secret}"


def test_what_fails_is_tried_again_with_the_same_id_and_growing_pauses(house: House, receiver: Receiver) -> None:
    hook, _ = house.hook(receiver.url, "purchased")
    receiver.answers += [500, 302, 204]
    house.happens("purchased")
    house.beat()
    house.beat(1_000)
    assert (house.log(hook), len(receiver.got)) == ([("waiting", 1, 500)], 1)
    house.beat(5_000)
    house.beat(4 * MINUTE)
    assert (house.log(hook), len(receiver.got)) == (
        [("waiting", 2, 302)],
        2,
    )  # a redirect is no receipt, and not followed
    house.beat(6 * MINUTE)
    assert house.log(hook) == [("delivered", 3, 204)]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_one_message_nobody_likes_does_not_hold_up_the_others(house: House, receiver: Receiver) -> None:
    hook, _ = house.hook(receiver.url, "purchased")
    receiver.answers += [400]
    for n in range(3):
        house.happens("purchased", n)
    house.beat()
    house.beat(6_000)
    assert [status for status, *_ in house.log(hook)].count("delivered") >= 2


def test_after_long_failure_it_is_turned_off_with_a_warning(house: House, receiver: Receiver) -> None:
    hook, _ = house.hook(receiver.url, "purchased")
    receiver.answers += [503] * 500
    for day in range(7):
        house.happens("purchased", day)
        for _ in range(4):
            house.beat(DAY // 4)
    kept = house.db.look(lambda tx: log.get(tx, hook))
    assert kept is not None and kept.status == "disabled"
    assert "turned off" in house.db.look(notices.all_of)[0]
    receiver.answers.clear()
    house.db.write(lambda tx: log.again(tx, hook, house.clock.now_ms()))
    house.beat(MINUTE)
    assert {status for status, *_ in house.log(hook)} == {"delivered"}
    assert house.db.look(notices.all_of) == []


def test_gone_means_stop(house: House, receiver: Receiver) -> None:
    hook, _ = house.hook(receiver.url, "purchased")
    receiver.answers += [410]
    house.happens("purchased")
    house.beat()
    assert house.db.look(lambda tx: tx.value("SELECT status FROM webhooks")) == "disabled"
    assert house.log(hook) == [("failed", 1, 410)]


def test_narrowed_to_segments(house: House, receiver: Receiver) -> None:
    hook, _ = house.hook(receiver.url, "joined_segment", segments=("vip",))
    house.happens("identified")
    what = [(1, "joined_segment", {"segment": name}) for name in ("vip", "others")]
    house.db.write(lambda tx: occur(tx, house.shelf, what, house.clock.now_ms()))
    house.beat()
    assert [json.loads(body)["data"]["properties"]["segment"] for _, body in receiver.got] == ["vip"]
    assert house.log(hook) == [("delivered", 1, 204)]


def test_a_byte_now_and_then_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "ANSWER_S", 1.0)
    monkeypatch.setattr(outgoing, "CONNECT_S", 1.0)
    gave_up = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with server.accept()[0] as caller:
                caller.sendall(b"HTTP/1.1 200 OK\r\n")
                for _ in range(100):
                    if gave_up.wait(0.2):
                        return
                    caller.sendall(b"X-More: 1\r\n")

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(outgoing.NoAnswer, match="did not answer in time"):
            outgoing.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, ["127.0.0.1"])
        gave_up.set()
        dripping.join()


def test_without_leave_nothing_goes_into_a_private_network(house: House, receiver: Receiver) -> None:
    house.config = {}
    hook, _ = house.hook(receiver.url, "purchased")
    house.happens("purchased")
    house.beat()
    assert receiver.got == []
    ((_, _, _, _, _, said, *_),) = house.db.look(lambda tx: log.log(tx, hook))
    assert "private network" in said


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fd00::1",
        "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:7f00:1:0:0:0:0", "::", "255.255.255.255", "224.0.0.1", "240.0.0.1", "ff02::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_known(address: str) -> None:
    assert not outgoing.public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"])
def test_what_is_public_is_known(address: str) -> None:
    assert outgoing.public(address)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "localhost", "[::ffff:7f00:1]", "017700000001"])
def test_disguised_addresses_are_refused(host: str, receiver: Receiver) -> None:
    with pytest.raises(outgoing.OutgoingProblem):
        outgoing.post(f"http://{host}:{receiver.server.server_port}/", b"{}", {})
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.com", "http://", "file:///etc/passwd", "http://a b", "http://u:p@example.com", "x" * 3_000],
)
def test_what_is_no_web_address_is_refused_when_it_is_typed(house: House, url: str) -> None:
    with pytest.raises(webhooks.WebhookProblem):
        house.hook(url, "purchased")
