"""The doors of push over real sockets: phones, browsers, and what they tell of messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from sojourn.app.api import push
from sojourn.app.api.inbox import inbox_key
from sojourn.app.config import Config
from sojourn.app.secrets import Secrets
from sojourn.runtime import accounts, settings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.links import Links
from sojourn.runtime.exchange.tickets import bytes64
from sojourn.runtime.on_site import hash_of
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import consents, devices, people, users
from sojourn.storage.columns import load
from sojourn.storage.database import Database

from ..runtime.post import journey

KEY, ADMIN = "wk_" + "a" * 32, "ak_" + "b" * 32
NOW_MS = 1_790_000_000_000
KEYS = {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg"}  # fmt: skip
BROWSER = {"endpoint": "https://push.example.com/send/one", "keys": KEYS, "expirationTime": None}


class Doors:
    """The routes of push on a free port."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.nudges = db, ManualClock(NOW_MS), 0
        self.instance = SimpleNamespace(
            db=db, clock=self.clock, shelf=ProgramShelf(), secrets=Secrets(b"s" * 32), runtime=self,
            config=Config(home=Path()),
        )  # fmt: skip
        app = Starlette(routes=push.routes(self.instance))
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run)

    def nudge(self) -> None:
        self.nudges += 1

    def start(self) -> None:
        for key, kind in ((KEY, "write"), (ADMIN, "admin")):
            self.db.write(lambda tx, key=key, kind=kind: users.add_key(tx, key, kind, "app", NOW_MS))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx.Client(base_url=self.url, timeout=30)

    def stop(self) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join()

    def say(self, path: str, method: str = "POST", key: str = KEY, **body: Any) -> httpx.Response:
        return self.http.request(method, path, json={"writeKey": key, **body})

    def of(self, user: str, medium: str) -> list[str]:
        def look(tx: Any) -> list[str]:
            found = people.identities(tx, "user", [user])
            return [one[1] for one in devices.of(tx, [found[0][1]], medium).get(found[0][1], [])] if found else []

        return self.db.look(look)

    def state(self, user: str, medium: str, topic: str = "marketing") -> str | None:
        known = self.db.look(lambda tx: people.identities(tx, "user", [user])[0][1])
        return self.db.look(lambda tx: consents.states(tx, known)).get((medium, topic))


@pytest.fixture
def doors(db: Database) -> Iterator[Doors]:
    made = Doors(db)
    made.start()
    yield made
    made.stop()


def test_a_phone_is_registered_moved_at_a_login_and_forgotten_at_a_sign_out(doors: Doors) -> None:
    token = "d1Xf:APA91bHun4M"
    assert doors.say("/v1/devices", userId="ada", token=token, type="android", permission="granted").status_code == 200
    assert doors.of("ada", "push") == [token] and doors.state("ada", "push") == "granted"
    assert doors.say("/v1/devices", userId="ben", token=token, type="android").status_code == 200
    assert doors.of("ada", "push") == [] and doors.of("ben", "push") == [token]
    assert doors.state("ben", "push") is None, "a token alone says nothing of what somebody agreed to"
    assert doors.say("/v1/devices", "DELETE", token=token).json() == {"success": True}
    assert doors.of("ben", "push") == []
    assert doors.say("/v1/devices", "DELETE", token=token).json() == {"success": True}


def test_a_browser_subscribes_with_evidence_and_takes_it_back(doors: Doors) -> None:
    said = {"subscription": BROWSER, "userId": "ada", "page": "https://shop.example.com/", "asked": "May we?"}
    assert doors.say("/push/subscribe", **said, topic="news", language="en").json() == {"success": True}
    assert doors.of("ada", "web_push") == [BROWSER["endpoint"]] and doors.state("ada", "web_push", "news") == "granted"
    source, ip, evidence = doors.db.look(lambda tx: tx.rows("SELECT source, ip, evidence FROM consents"))[0]
    assert (source, ip) == ("push permission", "127.0.0.1")
    assert load(evidence) == {"by": "web_push", "page": "https://shop.example.com/", "asked": "May we?"}
    assert doors.say("/push/unsubscribe", endpoint=BROWSER["endpoint"]).status_code == 200
    assert doors.of("ada", "web_push") == [] and doors.state("ada", "web_push", "news") == "withdrawn"


def test_a_no_of_before_is_undone_only_by_proof(doors: Doors) -> None:
    said = {"subscription": BROWSER, "userId": "ada"}
    doors.say("/push/subscribe", **said)
    doors.say("/push/unsubscribe", endpoint=BROWSER["endpoint"])
    doors.say("/push/subscribe", **said)
    assert doors.state("ada", "web_push") == "withdrawn", "anybody can read a write key"
    assert doors.say("/push/subscribe", **said, proof="0" * 64).status_code == 403
    proof = hash_of(inbox_key(doors.instance), "user", "ada")
    assert doors.say("/push/subscribe", **said, proof=proof).status_code == 200
    assert doors.state("ada", "web_push") == "granted"


def test_where_proof_is_wanted_nothing_else_makes_a_device_a_users(doors: Doors) -> None:
    doors.db.write(lambda tx: settings.save(tx, "devices_proven", True))
    token = {"token": "d1Xf:APA91bHun4M", "type": "android"}
    assert doors.say("/v1/devices", userId="ada", **token).status_code == 403 and doors.of("ada", "push") == []
    assert doors.say("/v1/devices", anonymousId="phone-7", **token).status_code == 200
    proof = hash_of(inbox_key(doors.instance), "user", "ada")
    assert doors.say("/v1/devices", userId="ada", proof=proof, **token).status_code == 200
    assert doors.say("/v1/devices", userId="ben", key=ADMIN, token="ben:phone", type="android").status_code == 200
    assert doors.of("ada", "push") == [token["token"]] and doors.of("ben", "push") == ["ben:phone"]


def test_a_page_seen_again_tells_only_that_the_browser_is_there(doors: Doors) -> None:
    doors.say("/push/subscribe", subscription=BROWSER, anonymousId="device-1")
    doors.say("/push/subscribe", subscription=BROWSER, userId="ada", again=True)
    assert doors.of("ada", "web_push") == [BROWSER["endpoint"]] and doors.state("ada", "web_push") is None


def test_a_browser_whose_address_changed_stays_whose_it_is(doors: Doors) -> None:
    doors.say("/push/subscribe", subscription=BROWSER, userId="ada")
    new = {**BROWSER, "endpoint": "https://push.example.com/send/two"}
    assert doors.say("/push/subscribe", subscription=new, old=BROWSER["endpoint"]).json() == {"success": True}
    assert doors.of("ada", "web_push") == [new["endpoint"]]
    assert doors.say("/push/subscribe", subscription=new, old="https://push.example.com/never").json() == {
        "success": False
    }


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/devices", {"userId": "ada", "token": "short", "type": "ios"}, 400),
        ("/v1/devices", {"token": "d1Xf:APA91bHun4M", "type": "android"}, 400),
        ("/v1/devices", {"userId": "null", "token": "d1Xf:APA91bHun4M"}, 400),
        ("/v1/devices", {"userId": "ada", "token": "d1Xf:APA91bHun4M", "key": "wrong"}, 401),
        ("/push/subscribe", {"userId": "ada", "subscription": {**BROWSER, "endpoint": "http://127.0.0.1/"}}, 400),
        ("/push/subscribe", {"userId": "ada", "subscription": {**BROWSER, "keys": {"p256dh": "x", "auth": 7}}}, 400),
        ("/push/subscribe", {"userId": "ada", "subscription": "all"}, 400),
        ("/push/subscribe", {"userId": "ada", "subscription": BROWSER, "asked": "x" * 20_000}, 413),
        ("/push/unsubscribe", {}, 400),
        ("/push/told/forged", {}, 404),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_kept(
    doors: Doors, path: str, body: dict[str, Any], status: int
) -> None:
    answer = doors.say(path, **body)
    assert answer.status_code == status and len(answer.json()["error"]) > 20
    assert answer.headers["access-control-allow-origin"] == "*"
    assert doors.db.look(lambda tx: tx.value("SELECT count(*) FROM devices")) == 0


def test_the_public_key_is_that_of_the_account(doors: Doors) -> None:
    assert doors.http.get("/push/key").status_code == 404
    said = {"name": "web", "medium": "web_push", "carrier": "web_push", "settings": {"contact": "mailto:a@example.com"}}
    given = accounts.Given.model_validate(said)
    doors.db.write(lambda tx: accounts.keep(tx, doors.instance, given, "owner", NOW_MS))
    key = doors.http.get("/push/key").json()["key"]
    assert len(bytes64(key)) == 65
    doors.db.write(lambda tx: accounts.keep(tx, doors.instance, given, "owner", NOW_MS + 1))
    assert doors.http.get("/push/key").json()["key"] == key, "an account written again keeps its key: browsers hold it"


def test_shown_is_a_receipt_and_closed_an_event_each_once(doors: Doors) -> None:
    journey(doors.db, contacts=1)
    doors.db.write(lambda tx: tx.run("DELETE FROM events"))
    message, contact = doors.db.look(lambda tx: tx.rows("SELECT id, contact_id FROM messages"))[0]
    links = Links(doors.instance.secrets.derive("links"), doors.url)
    for what in ("shown", "closed", "closed", "shown"):
        assert httpx.post(links.note(message, what)).status_code == 204
    assert doors.db.look(lambda tx: tx.value("SELECT delivered_at FROM messages")) == NOW_MS
    told = doors.db.look(lambda tx: tx.rows("SELECT contact_id, name, properties FROM events"))
    assert [(row[0], row[1], load(row[2])["message"]) for row in told] == [(contact, "web_push_closed", message)]


def test_a_page_may_ask_before_it_sends_and_scripts_carry_no_secret(doors: Doors) -> None:
    asked = doors.http.options("/v1/devices")
    assert asked.status_code == 204 and "DELETE" in asked.headers["access-control-allow-methods"]
    for name in ("sw.js", "push.js"):
        script = doors.http.get(f"/push/{name}")
        assert script.headers["content-type"].startswith("text/javascript") and len(script.content) < 9_000
        assert doors.http.get(f"/push/{name}", headers={"if-none-match": script.headers["etag"]}).status_code == 304
