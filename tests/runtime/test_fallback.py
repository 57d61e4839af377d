"""One message in several forms: a mail server that refuses, a gateway for texts that takes over, once, and is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sojourn.runtime import funnel
from sojourn.runtime.channels.channel import Channel, Tools
from sojourn.runtime.channels.sms_twilio import Twilio, TwilioSettings
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.outbox import Outbox
from sojourn.runtime.tracking.readers import Judged
from sojourn.runtime.tracking.recording import Look, record
from sojourn.storage import consents
from sojourn.storage.consents import Said
from sojourn.storage.database import Database
from sojourn.tests.runtime.conftest import HOUR, T0, Stage
from sojourn.tests.runtime.post import BRAND, LINKS, Post, smtp
from sojourn.tests.runtime.sms_gateway import SmsGateway, sms_gateway

TEXT = {"medium": "sms", "text": "Hi {{ contact.first_name }}, we could not reach you by e-mail.", "opt_out": False}
CHOSEN = {"instead_when": "chosen", "causes": ["failed", "blocked", "no_address"]}


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with sms_gateway() as running:
        yield running


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


def drawn(stage: Stage, people: int, **settings: object) -> None:
    """People with a phone, and a letter with a text behind it."""
    stage.people(people, first_name=lambda n: f"Name{n}")
    stage.db.write(lambda tx: tx.run("UPDATE contacts SET phone = '+42060112300' || id"))
    stage.db.write(lambda tx: consents.append(tx, [Said(n, "sms", "granted", "t") for n in range(1, people + 1)], T0))
    send = {"letter": "long", "instead": [{"channel": "sms", "message": "short"}], "when_failed": "leave", **settings}
    nodes = {
        "start": {"kind": "trigger_event", "settings": {"event": "joined"}, "next": {"next": "say"}},
        "say": {"kind": "email", "settings": send, "next": {"next": "end"}},
        "end": {"kind": "exit", "settings": {"reason": "told"}},
    }
    stage.journey("welcome", nodes, messages={"short": TEXT})
    for contact in range(1, people + 1):
        stage.happens(contact, "joined")
    stage.beat()


def send(stage: Stage, post: Post, gateway: SmsGateway, later: int = 1_000) -> None:
    """The outbox, and then the walk on."""

    async def go() -> None:
        here = Tools(config={}, account="texts", private_hosts=frozenset(["127.0.0.1"]))
        texts = Twilio(TwilioSettings.model_validate(gateway.settings()), here)
        channels: dict[str, Channel] = {"email": smtp(post), "sms": texts}
        box = Outbox(stage.db, stage.clock, channels, Letters(LINKS), lambda: BRAND, "test")
        while await box.run_once():
            pass
        await box.close()
        await texts.close()

    asyncio.run(go())
    stage.beat(later)


def came_to(stage: Stage) -> list[tuple[int, str, int, int]]:
    found = stage.db.look(lambda tx: funnel.read(tx, 1, 0))
    return [(form.turn, form.channel, form.counts.sent, form.counts.held_back) for form in found.forms["say"]]


def test_the_server_refuses_and_the_text_goes_once(db: Database, post: Post, gateway: SmsGateway) -> None:
    stage = Stage(db)
    drawn(stage, 6, **CHOSEN)
    post.rcpt = lambda address: "550 5.1.1 no such user" if address < "p4" else "250 OK"
    for _ in range(4):
        send(stage, post, gateway)
    assert post.to() == [f"p{n}@example.com" for n in (4, 5, 6)]
    assert sorted(text["to"] for text in gateway.texts) == [f"+42060112300{n}" for n in (1, 2, 3)]
    assert gateway.texts[0]["text"].startswith("Hi Name")
    assert stage.ended() == dict.fromkeys(range(1, 7), "told")
    assert came_to(stage) == [(0, "email", 3, 3), (1, "sms", 3, 0)]
    assert stage.stray() == []


def test_whom_no_form_reached_takes_the_way_the_step_says(db: Database, post: Post, gateway: SmsGateway) -> None:
    stage = Stage(db)
    drawn(stage, 2, **CHOSEN)
    db.write(lambda tx: tx.run("UPDATE contacts SET phone = NULL WHERE id = 2"))
    post.rcpt = lambda _: "550 5.1.1 no such user"
    gateway.say = lambda _: (400, {"code": 21211, "message": "not a number"})
    for _ in range(4):
        send(stage, post, gateway)
    assert stage.ended() == {1: "failed", 2: "told"}  # the text failed; she had no number, and who is skipped goes on
    assert came_to(stage) == [(0, "email", 0, 2), (1, "sms", 0, 2)]


def test_who_opens_the_letter_goes_on_at_once_and_a_machine_wakes_nobody(
    db: Database, post: Post, gateway: SmsGateway
) -> None:
    stage = Stage(db)
    drawn(stage, 2, instead_when="chosen", causes=["unopened"], unopened_after=24)
    send(stage, post, gateway)
    assert stage.standing() == {1: "say", 2: "say"}
    now = stage.clock.now_ms() + HOUR
    stage.clock.set(now)

    def looks(contact: int, kind: str) -> int:
        message = stage.rows("SELECT id FROM messages WHERE contact_id = ?", contact)[0][0]
        look = Look(message, 0, "", Judged(kind, "browser"), now)
        return db.write(lambda tx: record(tx, [look], False, now))

    assert (looks(2, "machine"), looks(1, "human"), looks(1, "human")) == (0, 1, 0)
    stage.beat(1_000)
    assert (stage.ended(), stage.standing()) == ({1: "told"}, {2: "say"})


def test_unopened_letters_are_followed_by_a_text_counted_from_their_sending(
    db: Database, post: Post, gateway: SmsGateway
) -> None:
    stage = Stage(db)
    drawn(stage, 2, instead_when="chosen", causes=["unopened"], unopened_after=24)
    stage.clock.set(stage.clock.now_ms() + 5 * HOUR)  # the letters lay there before they went
    send(stage, post, gateway)
    db.write(lambda tx: tx.run("UPDATE messages SET opened_at = ? WHERE contact_id = 1", (stage.clock.now_ms(),)))
    send(stage, post, gateway, later=24 * HOUR - 60_000)
    assert gateway.texts == [] and sorted(stage.standing()) == [1, 2]
    stage.beat(60_000)
    send(stage, post, gateway)
    assert [text["to"] for text in gateway.texts] == ["+420601123002"]
    assert stage.ended() == {1: "told", 2: "told"}


def test_the_policy_says_when_the_next_channel_is_tried(db: Database, post: Post, gateway: SmsGateway) -> None:
    """Where the policy says nothing, a refusal is a reason and a missing consent is one too."""
    stage = Stage(db)
    drawn(stage, 1)
    db.write(lambda tx: tx.run("DELETE FROM consents WHERE channel = 'email'"))
    for _ in range(2):
        send(stage, post, gateway)
    assert post.letters == [] and len(gateway.texts) == 1
    assert stage.ended() == {1: "told"}
