"""The door for what carriers tell us, over real sockets: signatures, broken calls, calls played again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sojourn.app.api import hooks
from sojourn.app.api.body import MAX_BODY
from sojourn.app.instance import Instance
from sojourn.runtime.accounts import Given, keep
from sojourn.storage import consents
from sojourn.storage.database import Database

from ..runtime.post import journey
from ..runtime.sms_gateway import NUMBER, TOKEN, sms_gateway
from .asking import Client
from .carrier import BASE, Server, listening, sign


@pytest.fixture
def server(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    person = [(1, "ann@example.com", "{}", 0, 0)]
    db.write(lambda tx: tx.insert("contacts", "id,email,properties,created_at,changed_at", person))
    with listening(db, monkeypatch) as server:
        yield server


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


def test_a_real_account_hears_its_carrier_from_the_signature_to_the_ledger(tmp_path: Path, database_url: str) -> None:
    instance = Instance.create(tmp_path / "home", database_url=database_url)
    try:
        with sms_gateway() as gateway:
            given = Given(
                name="texts", medium="sms", carrier="twilio", settings=gateway.settings(), status="on", place=0
            )
            kept_at = instance.clock.now_ms()
            instance.db.write(lambda tx: keep(tx, instance, given, "ada@example.com", kept_at))
            people = [(1, "+420601000001", "{}", 0, 0)]
            instance.db.write(lambda tx: tx.insert("contacts", "id,phone,properties,created_at,changed_at", people))
            instance.db.write(lambda tx: consents.say(tx, 1, "sms", "granted", source="form", now_ms=1))
            door = Client(hooks.routes(instance))

            def call(token: str = TOKEN, **fields: str) -> int:
                told = gateway.as_twilio("http://test/hooks/texts", token, **fields)
                return door.ask("POST", "/hooks/texts", content=told.body, headers=dict(told.headers)).status_code

            def text(sid: str, words: str, token: str = TOKEN) -> int:
                return call(token, MessageSid=sid, From="+420601000001", To=NUMBER, Body=words)

            assert text("SM1", "Nechte mě být!", "another token") == 403
            assert instance.db.look(lambda tx: tx.rows("SELECT 1 FROM events")) == []
            assert text("SM1", "Nechte mě být!") == text("SM1", "Nechte mě být!") == 200
            sql = "SELECT kind, channel FROM setbacks"
            assert instance.db.look(lambda tx: tx.rows(sql)) == [("negative_reply", "sms")]
            assert text("SM2", "STOP") == 200
            assert instance.db.look(lambda tx: consents.last(tx, 1, "sms")) == "withdrawn"
    finally:
        instance.close()


def test_a_mail_service_tells_what_came_back_to_the_account_it_sends_for(tmp_path: Path, database_url: str) -> None:
    instance = Instance.create(tmp_path / "home", database_url=database_url)
    settings = {"host": "smtp.example.com", "reports": "postmark", "reports_secret": "hush"}
    given = Given.model_validate({"name": "post", "medium": "email", "carrier": "smtp", "settings": settings})
    instance.db.write(lambda tx: keep(tx, instance, given, "ada@example.com", instance.clock.now_ms()))
    journey(instance.db, 1)
    instance.db.write(lambda tx: tx.run("UPDATE messages SET status = 'sent', sent_at = due_at, account = 'post'"))
    body = {
        "RecordType": "Bounce", "Type": "HardBounce", "Email": "u1@example.com", "ID": 7, "Details": "550 5.1.1 gone",
    }  # fmt: skip
    server = Server(instance.db, instance=instance)
    try:
        hooks_of = f"{server.url}/hooks/post"
        asked = [httpx.post(hooks_of, json=body, auth=("any", word)).status_code for word in ("guess", "hush", "hush")]
        assert asked == [403, 200, 200]
        found = instance.db.look(lambda tx: tx.rows("SELECT address FROM suppressions"))
        assert found == [("u1@example.com",)]
        assert instance.db.look(lambda tx: tx.value("SELECT count(*) FROM callbacks")) == 1
    finally:
        server.stop()
        instance.close()
