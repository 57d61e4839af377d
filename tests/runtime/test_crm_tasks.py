"""Tasks for colleagues: on the list, or in their own system, which says when they are done."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from sojourn.app.api import tasks as doors
from sojourn.runtime.channels.callback import Call, Forged, Malformed
from sojourn.runtime.channels.channel import Channel, Delivered, Outcome, Parcel, Refused, Tools, TryLater
from sojourn.runtime.channels.crm_task import CRM_TASK, TaskHook, TaskList
from sojourn.runtime.channels.hook import HookSettings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.exchange import signing
from sojourn.storage import crm_tasks, users
from sojourn.storage.crm_tasks import Task
from sojourn.storage.database import Database

from .post import BRAND, NOW, journey
from .systems import Allowing, System

HOUR = 3_600_000
SECRET = signing.new_secret()


def parcel(message_id: int, contact: dict[str, Any] | None = None, **said: Any) -> Parcel:
    known = {"first_name": "Ann", "email": "u1@example.com", **(contact or {})}
    rendered = fill_form(compile_form({"title": "Call {{ contact.first_name }}", **said}, CRM_TASK), {"contact": known})
    return Parcel(message_id, "", rendered, BRAND, contact_id=message_id, contact=known)


def hand(channel: Channel, *parcels: Parcel) -> Sequence[Outcome]:
    async def run() -> Sequence[Outcome]:
        try:
            return await channel.hand_over(parcels, Allowing())
        finally:
            await channel.close()

    return asyncio.run(run())


def tools(db: Database, account: str = "") -> Tools:
    return Tools({}, account, frozenset({"127.0.0.1"}), db=db, clock=ManualClock(NOW))


def hook(db: Database, url: str) -> TaskHook:
    return TaskHook(HookSettings.model_validate({"url": url, "signing_secret": SECRET}), tools(db, "crm"))


def listed(db: Database) -> list[Task]:
    return db.look(crm_tasks.everyone)


def test_tasks_stand_on_the_list_once_with_owner_worth_and_due(db: Database) -> None:
    journey(db, 2)
    task = parcel(
        1, {"boss": "eve"}, owner="{{ contact.boss }}", value="{{ contact.total }}", currency="eur", due_hours=24
    )
    assert isinstance(hand(TaskList(tools(db)), task)[0], Delivered)
    task = parcel(1, {"boss": "eve", "total": "12,50"}, value="{{ contact.total }}", kind="call")
    hand(TaskList(tools(db)), task, parcel(2, value="12,50", kind="call"))
    first, second = listed(db)
    assert (first.title, first.owner, first.value, first.currency) == ("Call Ann", "eve", "", "EUR")
    assert (first.status, first.due_at, first.email) == ("open", NOW + 24 * HOUR, "u1@example.com")
    assert (second.value, second.kind) == ("12.50", "call")


@pytest.mark.parametrize("said", [{"title": "{{ contact.nothing }}"}, {"value": "{{ contact.first_name }}"}])
def test_a_task_without_a_title_or_with_a_worth_that_is_no_number_is_refused(
    db: Database, said: dict[str, Any]
) -> None:
    journey(db, 1)
    assert isinstance(hand(TaskList(tools(db)), parcel(1, **said))[0], Refused)
    assert listed(db) == []


def test_their_system_gets_it_signed_and_says_when_it_is_done(db: Database) -> None:
    journey(db, 1)
    with System(answer=lambda heard: (201, {}, b'{"task": {"id": "T-77"}}')) as system:
        channel = hook(db, system.url)
        (outcome,) = hand(channel, parcel(1, value="5", due_hours=2))
        (heard,) = system.heard
    assert isinstance(outcome, Delivered) and outcome.reference == "T-77"
    assert signing.is_genuine(SECRET, heard.headers, heard.body)
    said = orjson.loads(heard.body)
    assert (said["id"], said["title"], said["value"]) == ("1", "Call Ann", 5.0)
    assert said["contact"] == {
        "number": 1, "first_name": "Ann", "email": "u1@example.com", "url": "https://go.example.com/contacts/1",
    }  # fmt: skip
    assert [(one.status, one.account, one.reference) for one in listed(db)] == [("taken", "crm", "T-77")]

    def tell(body: bytes, signed: bytes | None = None, at_ms: int | None = None) -> None:
        at = at_ms or time.time_ns() // 1_000_000
        call = Call("POST", "", signing.headers(SECRET, "x", at, signed or body), body, {})
        reply = channel.read(call)
        assert reply.then is not None

        async def then() -> None:
            assert reply.then is not None
            await reply.then()

        asyncio.run(then())

    with pytest.raises(Forged):
        tell(b'{"id": "T-77", "status": "done"}', signed=b'{"id": "T-78", "status": "done"}')
    with pytest.raises(Forged):
        tell(b'{"id": "T-77", "status": "done"}', at_ms=1)
    for malformed in (b"", b"[]", b'{"id": ["T-77"], "status": "done"}', b'{"id": "T-77"}'):
        with pytest.raises(Malformed):
            tell(malformed)
    tell(b'{"id": "T-78", "status": "done"}')
    assert listed(db)[0].status == "taken"
    tell(b'{"id": "T-77", "status": "done"}')
    assert (listed(db)[0].status, listed(db)[0].done_at) == ("done", NOW)


def test_while_their_system_is_away_a_task_waits_for_it(db: Database) -> None:
    journey(db, 1)
    assert isinstance(hand(hook(db, "http://127.0.0.1:9"), parcel(1))[0], TryLater)
    assert listed(db) == []


def test_programs_pull_tasks_with_an_admin_key_and_a_spreadsheet_runs_nothing(db: Database) -> None:
    journey(db, 2)
    hand(TaskList(tools(db)), parcel(1, {"first_name": '=HYPERLINK("x")'}, title="{{ contact.first_name }}"), parcel(2))
    for key, kind in (("ak_" + "a" * 32, "admin"), ("wk_" + "b" * 32, "write")):
        db.write(lambda tx, key=key, kind=kind: users.add_key(tx, key, kind, "", NOW))
    app = Starlette(routes=doors.routes(SimpleNamespace(db=db, clock=ManualClock(NOW))))

    async def run() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x", auth=("ak_" + "a" * 32, "")) as http:
            found = (await http.get("/v1/tasks", params={"after": "1"})).json()
            assert [one["task"] for one in found["tasks"]] == [2] and found["more"] is False
            assert (await http.post("/v1/tasks/2", json={"status": "done"})).status_code == 200
            assert (await http.post("/v1/tasks/3", json={"status": "done"})).status_code == 404
            assert (await http.post("/v1/tasks/2", json={"status": "gone"})).status_code == 400
            text = (await http.get("/v1/tasks.csv", params={"status": "open"})).text
            rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
            assert [row["title"] for row in rows] == ['\'=HYPERLINK("x")']
            assert (await http.get("/v1/tasks", auth=("wk_" + "b" * 32, ""))).status_code == 403
            assert (await http.get("/v1/tasks.csv", auth=("nobody", ""))).status_code == 401

    asyncio.run(run())
