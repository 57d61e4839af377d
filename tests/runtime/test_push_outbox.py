"""Push from the outbox to the services and back: whom it reaches, what is forgotten, what is never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sojourn.runtime.channels.channel import Channel
from sojourn.runtime.channels.push_apns import Apns, ApnsSettings
from sojourn.runtime.channels.push_fcm import Fcm, FcmSettings
from sojourn.runtime.channels.switchboard import Line, Routed
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.outbox import Outbox
from sojourn.storage import consents, devices
from sojourn.storage.consents import Said
from sojourn.storage.database import Database
from sojourn.storage.devices import Seen

from .post import BRAND, LINKS, NOW, journey
from .push_services import HERE, Answer, Heard, Service, json, pem, serving

RSA, P256 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
IPHONE = "a1" * 32
PUSH = {"medium": "push", "title": "Hi {{ contact.first_name }}", "text": "Your {{ event.item }} waits.",
        "link": "https://shop.example.com/cart", "data": {"item": "{{ event.item }}"}}  # fmt: skip


def prepare(db: Database, contacts: int, *seen: tuple[int, str, str], **more: Any) -> None:
    """Contacts with a push queued for each, and their devices."""
    journey(db, contacts, letter={**PUSH, **more})

    def job(tx: Any) -> None:
        tx.run("UPDATE messages SET channel = 'push'")
        consents.append(tx, [Said(i, "push", "granted", "test") for i in range(1, contacts + 1)], NOW)
        devices.register(tx, [Seen(who, "push", carrier, token, "", {}) for who, carrier, token in seen], NOW)

    db.write(job)


def both(base: str) -> Channel:
    account = {
        "project_id": "p",
        "private_key": pem(RSA),
        "client_email": "a@example.com",
        "token_uri": f"{base}/token",
    }
    fcm = FcmSettings.model_validate({"service_account": account, "api_url": base})
    apns = {"key": pem(P256), "key_id": "K", "team_id": "T", "topic": "com.example.shop", "url": base}
    found = [Line("android", Fcm(fcm, HERE)), Line("ios", Apns(ApnsSettings.model_validate(apns), HERE))]
    return Routed("push", found)


def send(db: Database, answers: Callable[[Heard], Answer], then: Callable[[Service, Outbox], Awaitable[None]]) -> None:
    def answering(heard: Heard) -> Answer:
        return json(200, {"access_token": "t", "expires_in": 3600}) if heard.path == "/token" else answers(heard)

    async def run() -> None:
        async with serving(answering) as service:
            outbox = Outbox(db, ManualClock(NOW), {"push": both(service.base)}, Letters(LINKS), lambda: BRAND, "test")
            await outbox.run_once()
            await then(service, outbox)
            await outbox.close()

    asyncio.run(run())


def taken(heard: Heard) -> Answer:
    return (200, {"apns-id": "a-1"}, b"") if heard.path.startswith("/3/") else json(200, {"name": "messages/1"})


def to(heard: Heard) -> str:
    return heard.path.rsplit("/", 1)[1] if heard.path.startswith("/3/") else heard.said["message"]["token"]


def states(db: Database) -> list[tuple[str, str | None]]:
    return db.look(lambda tx: tx.rows("SELECT status, reference FROM messages ORDER BY id"))


def tokens(db: Database) -> list[str]:
    return [token for (token,) in db.look(lambda tx: tx.rows("SELECT token FROM devices ORDER BY id"))]


def test_every_device_at_every_service_once_and_filled_for_its_owner(db: Database) -> None:
    prepare(db, 2, (1, "fcm", "one:a"), (1, "apns", IPHONE), (2, "fcm", "two:a"))

    async def then(service: Service, outbox: Outbox) -> None:
        pushed = [heard for heard in service.heard if heard.path != "/token"]
        assert sorted(to(heard) for heard in pushed) == [IPHONE, "one:a", "two:a"]
        said = next(heard.said for heard in pushed if to(heard) == IPHONE)
        assert said["aps"]["alert"] == {"title": "Hi Name1", "body": "Your red hat waits."}
        assert said["item"] == "red hat" and said["sojourn_link"] == "https://shop.example.com/cart"
        assert LINKS.read_open(said["sojourn_opened"].rsplit("/", 1)[1].removesuffix(".gif")) == 1
        assert LINKS.read_click(said["sojourn_clicked"].rsplit("/", 1)[1]) == (1, "https://shop.example.com/cart", 0)
        await outbox.run_once()
        assert len(pushed) == 3

    send(db, taken, then)
    assert [status for status, _ in states(db)] == ["sent", "sent"]
    assert states(db)[1][1] == "messages/1"


def test_what_is_gone_is_forgotten_with_the_result_and_the_message_goes_to_the_rest(db: Database) -> None:
    prepare(db, 2, (1, "fcm", "old:a"), (1, "apns", IPHONE), (2, "fcm", "old:b"))

    def answers(heard: Heard) -> Answer:
        details = [{"errorCode": "UNREGISTERED"}]
        return json(404, {"error": {"details": details}}) if to(heard).startswith("old") else taken(heard)

    async def then(service: Service, outbox: Outbox) -> None: ...

    send(db, answers, then)
    assert tokens(db) == [IPHONE]
    assert [status for status, _ in states(db)] == ["sent", "failed"]


def test_a_service_that_is_busy_gets_it_later_and_who_has_it_never_again(db: Database) -> None:
    prepare(db, 2, (1, "fcm", "one:a"), (1, "apns", IPHONE), (2, "fcm", "two:a"))
    heard_by: list[str] = []

    def answers(heard: Heard) -> Answer:
        heard_by.append(to(heard))
        busy = not heard.path.startswith("/3/") and heard_by.count(to(heard)) == 1
        return json(503, {"error": {"status": "UNAVAILABLE"}}, **{"retry-after": "30"}) if busy else taken(heard)

    async def then(service: Service, outbox: Outbox) -> None:
        assert [status for status, _ in states(db)] == ["sent", "queued"], (
            "one phone of the first has it: no second try"
        )
        due = db.look(lambda tx: tx.value("SELECT due_at FROM messages WHERE id = 2"))
        assert due >= NOW + 30_000
        outbox._clock.set(due)  # type: ignore[attr-defined]
        await outbox.run_once()

    send(db, answers, then)
    assert [status for status, _ in states(db)] == ["sent", "sent"]
    assert sorted(heard_by) == [IPHONE, "one:a", "two:a", "two:a"]


def test_who_has_no_device_gets_nothing_and_a_silent_push_is_no_touch(db: Database) -> None:
    prepare(db, 2, (1, "fcm", "one:a"), silent=True)

    async def then(service: Service, outbox: Outbox) -> None:
        said = orjson.loads(next(heard.body for heard in service.heard if heard.path != "/token"))["message"]
        assert "notification" not in said and said["data"]["item"] == "red hat"

    send(db, taken, then)
    assert [status for status, _ in states(db)] == ["sent", "skipped"]
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM touches")) == 0
