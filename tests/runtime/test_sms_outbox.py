"""Texts through the whole outbox to a gateway: short addresses come with the mark, receipts count, STOP is obeyed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sojourn.runtime import signals
from sojourn.runtime.channels.channel import Tools
from sojourn.runtime.channels.sms_twilio import Twilio, TwilioSettings
from sojourn.runtime.channels.switchboard import Switchboard
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.outbox import Outbox
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import accounts, consents, sender_stops
from sojourn.storage.accounts import Account
from sojourn.storage.columns import from_ms
from sojourn.storage.consents import Said
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import BRAND, LINKS, NOW, journey, message, states
from sojourn.tests.runtime.sms_gateway import NUMBER, SmsGateway, sms_gateway

HOOK = "https://go.example.com/hooks/texts"
TEXT = {
    "medium": "sms",
    "text": "Hi {{ contact.first_name }}, your {{ event.item }}: https://shop.example.com/cart?x=1",
}


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with sms_gateway() as running:
        yield running


def texts(db: Database, contacts: int) -> None:
    """A journey whose messages go by text."""
    journey(db, contacts, letter=TEXT)
    db.write(lambda tx: tx.run("UPDATE messages SET channel = 'sms'"))
    db.write(lambda tx: tx.run("UPDATE contacts SET phone = '+42060112300' || id"))
    db.write(lambda tx: consents.append(tx, [Said(i, "sms", "granted", "test") for i in range(1, contacts + 1)], NOW))
    at = from_ms(NOW)
    db.write(lambda tx: accounts.keep(tx, Account(
        name="texts", medium="sms", carrier="twilio", created_at=at, changed_at=at,
    )))  # fmt: skip


def opened(gateway: SmsGateway, **more: Any) -> Twilio:
    here = Tools(config={}, account="texts", private_hosts=frozenset(["127.0.0.1"]), callback_url=HOOK)
    return Twilio(TwilioSettings.model_validate(gateway.settings(prices={"+420": 0.03}, **more)), here)


def send(db: Database, channel: Twilio, clock: ManualClock, times: int = 1) -> None:
    async def go() -> None:
        box = Outbox(db, clock, Switchboard({}, db, lambda _: channel), Letters(LINKS), lambda: BRAND, "test")
        for _ in range(times):
            await box.run_once()
        await box.close()
        await channel.close()

    asyncio.run(go())


def test_a_text_goes_with_short_addresses_that_lead_somewhere_before_it_arrives(
    db: Database, gateway: SmsGateway
) -> None:
    texts(db, 12)
    led: list[int] = []
    gateway.before_answer = lambda: led.append(int(db.look(lambda tx: tx.value("SELECT count(*) FROM short_links"))))
    channel, clock = opened(gateway), ManualClock(NOW)
    send(db, channel, clock)
    assert states(db) == {"sent": 12}
    said = sorted(text["text"] for text in gateway.texts)
    assert said[0].startswith("Hi Name1, your red hat: https://go.example.com/s/")
    assert said[0].endswith("\nReply STOP to get no more")
    assert min(led) >= 1
    rows = db.look(lambda tx: tx.rows("SELECT code, message_id, url FROM short_links"))
    assert {LINKS.codes.read(code) for code, *_ in rows} == {(number, 0) for number in range(1, 13)}
    assert {url for *_, url in rows} == {"https://shop.example.com/cart?x=1"}
    kept = db.look(lambda tx: tx.rows("SELECT account, reference, units, cost FROM messages ORDER BY reference"))
    assert [tuple(row) for row in kept] == [("texts", text["id"], 1, 30_000) for text in gateway.texts]

    async def receipt() -> None:
        call = gateway.as_twilio(HOOK, MessageSid=gateway.texts[3]["id"], MessageStatus="delivered")
        for _ in range(2):
            source = signals.Source(1, "texts", "sms")
            await signals.take(db, ProgramShelf(), clock, source, channel.read(call).signals)

    asyncio.run(receipt())
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM messages WHERE delivered_at IS NOT NULL")) == 1


def test_what_left_without_an_answer_is_never_sent_again(db: Database, gateway: SmsGateway) -> None:
    texts(db, 3)
    gateway.say = lambda text: "drop" if text["to"].endswith("2") else None
    clock = ManualClock(NOW)
    send(db, opened(gateway), clock, times=2)
    assert states(db) == {"sent": 2, "in_doubt": 1}
    gateway.say = lambda _: None
    clock.set(NOW + 3_600_000)
    send(db, opened(gateway), clock)
    assert len(gateway.texts) == 2


def test_a_carrier_that_wants_fewer_is_asked_again_when_it_said(db: Database, gateway: SmsGateway) -> None:
    texts(db, 1)
    gateway.say = lambda _: (429, {"code": 20429, "message": "slow down"})
    clock = ManualClock(NOW)
    send(db, opened(gateway), clock)
    assert message(db, 1)[0::3] == ("queued", NOW + 30_000)
    gateway.say = lambda _: None
    clock.set(NOW + 30_000)
    send(db, opened(gateway), clock)
    assert states(db) == {"sent": 1} and len(gateway.texts) == 1


def test_an_account_that_is_at_fault_costs_no_message_a_try(db: Database, gateway: SmsGateway) -> None:
    texts(db, 5)
    channel = opened(gateway)
    channel = Twilio(channel.settings, replace(channel.tools))
    gateway.say = lambda _: (401, {"code": 20003, "message": "Authenticate"})
    send(db, channel, ManualClock(NOW))
    assert states(db) == {"queued": 5}
    assert {message(db, number)[2] for number in range(1, 6)} == {0}


def test_who_said_stop_to_every_sender_gets_none_and_to_one_gets_the_other(db: Database, gateway: SmsGateway) -> None:
    texts(db, 2)
    other = "+420602000000"
    for person, sender in (("+420601123001", NUMBER), ("+420601123001", other), ("+420601123002", NUMBER)):
        db.write(lambda tx, person=person, sender=sender: sender_stops.stop(tx, person, sender, NOW))
    send(db, opened(gateway, senders=[NUMBER, other]), ManualClock(NOW))
    assert [(text["to"], text["from"]) for text in gateway.texts] == [("+420601123002", other)]
    status, reason, *_ = message(db, 1)
    assert status in ("skipped", "failed") and "STOP" in reason
