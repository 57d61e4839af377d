"""What people answer to texts, from the carrier's call to what holds from then on: STOP, START, HELP, twice told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sojourn.app.api import hooks
from sojourn.app.instance import Instance
from sojourn.runtime import accounts, settings
from sojourn.runtime.channels.callback import Call
from sojourn.storage import sender_stops
from sojourn.storage.columns import to_ms
from sojourn.tests.app.asking import Client
from sojourn.tests.runtime.sms_gateway import NUMBER, SmsGateway

AT = to_ms(datetime(2026, 1, 1, tzinfo=UTC))
ANN, BASE = "+420601123456", "https://news.example.com"
HOOK = f"{BASE}/hooks/texts"


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Iterator[Instance]:
    opened = Instance.create(tmp_path / "home", database_url=database_url, base_url=BASE)
    people = [(9, ANN, "{}", AT, AT)]
    opened.db.write(lambda tx: tx.insert("contacts", "id,phone,properties,created_at,changed_at", people))
    yield opened
    opened.close()


def account(instance: Instance, **more: Any) -> SmsGateway:
    """An account at a carrier, as a file brings it."""
    gateway = SmsGateway()
    gateway.base = "https://api.example.com"
    settings = gateway.settings(help_text="We sell shoes. Reply STOP to get no more.", **more)
    [given] = accounts.read_file(
        f"accounts:\n  - {{name: texts, medium: sms, carrier: twilio, settings: {settings!r}}}".replace("'", '"')
    )
    instance.db.write(lambda tx: accounts.keep(tx, instance, given, "ada@example.com", AT))
    return gateway


def wrote(instance: Instance, gateway: SmsGateway, said: str, sid: str, **more: str) -> httpx.Response:
    return call(instance, gateway.as_twilio(HOOK, MessageSid=sid, From=ANN, To=NUMBER, Body=said, **more))


def call(instance: Instance, made: Call) -> httpx.Response:
    return Client(hooks.routes(instance)).post("/hooks/texts", content=made.body, headers=dict(made.headers))


def ledger(instance: Instance) -> list[tuple[str, str]]:
    rows = instance.db.look(lambda tx: tx.rows("SELECT action, source FROM consents WHERE contact_id = 9 ORDER BY id"))
    return [(str(action), str(source)) for action, source in rows]


def events(instance: Instance) -> list[str]:
    return [str(name) for (name,) in instance.db.look(lambda tx: tx.rows("SELECT name FROM events ORDER BY id"))]


def test_stop_takes_back_and_start_brings_back(instance: Instance) -> None:
    gateway = account(instance)
    for _ in range(2):  # the carrier tells it twice
        assert wrote(instance, gateway, "Odhlásit prosím", "SM1").status_code == 200
    stopped = ledger(instance)
    assert len(stopped) == 1 and stopped[0][0] != "granted"
    assert wrote(instance, gateway, "start", "SM2").status_code == 200
    assert len(ledger(instance)) == 2 and ledger(instance)[1][0] == "granted"


def test_stop_to_one_sender_leaves_the_others_alone(instance: Instance) -> None:
    gateway = account(instance, stop_means="this_sender")
    wrote(instance, gateway, "STOP", "SM1")
    assert ledger(instance) == []
    assert instance.db.look(lambda tx: sender_stops.of(tx, [ANN])) == {ANN: frozenset([NUMBER])}
    wrote(instance, gateway, "START", "SM2")
    assert instance.db.look(lambda tx: sender_stops.of(tx, [ANN])) == {}


def test_help_is_answered_and_everything_else_is_a_reply(instance: Instance) -> None:
    gateway = account(instance)
    assert "<Message>We sell shoes." in wrote(instance, gateway, "help", "SM1").text
    assert "<Message>" not in wrote(instance, gateway, "When do you open?", "SM2").text
    assert events(instance) == ["message_replied", "message_replied"]
    kept = instance.db.look(lambda tx: tx.rows("SELECT properties FROM events ORDER BY id"))
    assert "We sell shoes" in str(kept[0]) and "When do you open?" in str(kept[1])
    assert ledger(instance) == []


def test_a_call_somebody_else_made_changes_nothing(instance: Instance) -> None:
    gateway = account(instance)
    forged = gateway.as_twilio(HOOK, "another token", MessageSid="SM1", From=ANN, To=NUMBER, Body="STOP")
    assert call(instance, forged).status_code == 403
    assert ledger(instance) == [] and events(instance) == []


def test_a_carrier_is_told_where_to_call_once_the_owner_has_said_where_we_are(tmp_path: Path) -> None:
    with_none = Instance.create(tmp_path / "home")
    assert accounts.tools(with_none, "texts").callback_url == ""
    with_none.db.write(lambda tx: settings.save(tx, "base_url", BASE))
    assert accounts.tools(with_none, "texts").callback_url == HOOK
    with_none.close()
