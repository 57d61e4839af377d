"""Push to browsers: sealed so that this browser alone reads it, signed so that the push service knows who we are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from sojourn.app.config import Config
from sojourn.app.secrets import Secrets
from sojourn.runtime import account_test, accounts
from sojourn.runtime.channels.channel import Delivered, Held, Refused, Token, TryLater, Unclear
from sojourn.runtime.channels.web_push import WebPush, WebPushForm, WebPushSettings, public_key
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.exchange import sealed_push
from sojourn.runtime.exchange.tickets import bytes64, text64
from sojourn.storage import devices
from sojourn.storage.database import Database
from sojourn.storage.devices import Seen

from .post import NOW
from .push_services import HERE, Answer, Heard, Marks, Service, hand, json, opened, parcel, serving

HELLO = WebPushForm.model_validate(
    {
        "title": "Hello",
        "text": "New in our shop",
        "link": "https://shop.example.com/new",
        "collapse_key": "news of May",
        "urgency": "high",
        "expires_hours": 1,
    }
).model_dump()
SETTINGS = WebPushSettings(contact="mailto:web@example.com")


class Browser:
    """A browser that subscribed: it alone can read what is sent to it."""

    def __init__(self, base: str, name: str = "ada") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"sixteen bytes :)"
        self.point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.device = Token(
            "web_push", f"{base}/push/{name}", keys={"p256dh": text64(self.point), "auth": text64(self.secret)}
        )

    def read(self, body: bytes) -> Any:
        """RFC 8291 from the other side, written down from its section 3.4."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert size == 4096 and length == 65 and len(sealed) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        material = HKDF(SHA256(), 32, self.secret, b"WebPush: info\0" + self.point + theirs).derive(shared)
        cipher = AESGCM(HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material))
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        plain = cipher.decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1] == 2
        return orjson.loads(plain[:-1])


def run(answers: Callable[[Heard], Answer], test: Callable[[Service, WebPush], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(answers) as service:
            channel = WebPush(SETTINGS, HERE)
            await test(service, channel)
            await channel.close()

    asyncio.run(whole())


def taken(heard: Heard) -> Answer:
    return 201, {"location": "https://push.example.com/m/1"}, b""


def test_the_browser_alone_reads_it_and_the_service_knows_who_sends() -> None:
    async def test(service: Service, channel: WebPush) -> None:
        ada, ben = Browser(service.base), Browser(service.base, "ben")
        outcomes = await hand(channel, parcel({**HELLO, "shown": "https://s.example.com/1"}, ada.device, ben.device))
        assert isinstance(outcomes[0], Delivered) and "2 of 2" in outcomes[0].text
        (heard,) = service.to("/push/ada")
        assert ada.read(heard.body) == {
            "title": "Hello",
            "text": "New in our shop",
            "link": "https://shop.example.com/new",
            "shown": "https://s.example.com/1",
            "tag": "news of May",
        }
        assert b"Hello" not in heard.body and heard.headers["content-encoding"] == "aes128gcm"
        assert heard.headers["ttl"] == "3600" and heard.headers["urgency"] == "high"
        assert len(heard.headers["topic"]) == 32 and heard.headers["topic"].replace("-", "").replace("_", "").isalnum()
        shown, known = (part.strip()[2:] for part in heard.headers["authorization"].removeprefix("vapid ").split(","))
        assert known == public_key(SETTINGS)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes64(known))
        head, claims = opened(shown, key)
        assert head["alg"] == "ES256"
        assert claims["aud"] == service.base and claims["sub"] == "mailto:web@example.com"
        assert 0 < claims["exp"] - time.time() <= 86_400, "RFC 8292 allows a day"

    run(taken, test)


@pytest.mark.parametrize(
    ("answer", "outcome", "gone"),
    [
        (json(404), Refused, True),
        (json(410), Refused, True),
        (json(413), Refused, False),
        (json(400, {"reason": "BadJwtToken"}), Refused, False),
        (json(403), Refused, False),
        ((301, {"location": "http://127.0.0.1:1/"}, b""), Refused, False),
        (json(500), TryLater, False),
        ((429, {"retry-after": "120"}, b"slow down"), TryLater, False),
    ],
)
def test_what_a_push_service_says_is_read_as_what_it_means(answer: Answer, outcome: type, gone: bool) -> None:
    async def test(service: Service, channel: WebPush) -> None:
        ada = Browser(service.base)
        (found,) = await hand(channel, parcel(HELLO, ada.device))
        assert isinstance(found, outcome)
        assert getattr(found, "gone", ()) == ((ada.device.token,) if gone else ())
        if answer and answer[0] == 429:
            assert getattr(found, "after_ms", None) == 120_000

    run(lambda heard: answer, test)


def test_one_browser_that_cannot_be_reached_stops_no_other() -> None:
    async def test(service: Service, channel: WebPush) -> None:
        away = Browser("http://127.0.0.1:9").device
        for _ in range(8):
            (found,) = await hand(channel, parcel(HELLO, away))
            assert isinstance(found, TryLater), "counted as a try, so that it comes to an end"
        assert channel.health().ok and channel.room() > 1
        (found,) = await hand(channel, parcel(HELLO, away, Browser(service.base).device))
        assert isinstance(found, Delivered)

    run(taken, test)


def test_a_subscription_that_leads_into_our_own_network_is_forgotten() -> None:
    async def test(service: Service, channel: WebPush) -> None:
        inside, marks = Browser("http://127.0.0.2:80").device, Marks()
        (found,) = await hand(channel, parcel(HELLO, inside), marks=marks)
        assert isinstance(found, Refused) and found.gone == (inside.token,) and not marks.asked

    run(taken, test)


def test_damaged_keys_too_much_text_held_and_lost() -> None:
    async def test(service: Service, channel: WebPush) -> None:
        ada = Browser(service.base).device
        damaged = Token("web_push", ada.token, keys={"p256dh": "AAAA", "auth": "?"})
        (found,) = await hand(channel, parcel(HELLO, damaged))
        assert isinstance(found, Refused) and found.gone == (ada.token,)
        (found,) = await hand(channel, parcel({**HELLO, "text": "é" * 2_100}, ada))
        assert isinstance(found, Refused) and not found.gone and "a push service takes" in found.text
        assert await hand(channel, parcel(HELLO, ada), marks=Marks(held=[1])) == [Held()]
        assert not service.heard
        channel._caller._answer_s = 0.2
        (found,) = await hand(channel, parcel(HELLO, ada))
        assert isinstance(found, Unclear)

    run(lambda heard: None, test)


def test_the_longest_message_fits_into_one_record() -> None:
    ada = Browser("https://push.example.com")
    whole = orjson.dumps("x" * (sealed_push.ROOM - 2))
    body = sealed_push.seal(whole, ada.device.keys)
    assert len(body) == 4_096 and ada.read(body) == "x" * (sealed_push.ROOM - 2)
    with pytest.raises(sealed_push.TooLong):
        sealed_push.seal(whole + b" ", ada.device.keys)


def test_a_key_is_made_here_and_another_is_taken_only_whole() -> None:
    other = WebPushSettings(contact="https://shop.example.com/contact")
    assert public_key(other) != public_key(SETTINGS) and len(bytes64(public_key(other))) == 65
    kept = WebPushSettings(contact=other.contact, private_key=other.private_key.get_secret_value())  # type: ignore[arg-type]
    assert public_key(kept) == public_key(other)
    with pytest.raises(ValidationError, match="no VAPID key"):
        WebPushSettings(contact=other.contact, private_key="short")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="mailto:"):
        WebPushSettings(contact="web@example.com")


def test_the_owner_tries_it_with_a_browser_that_subscribed(db: Database, tmp_path: Path) -> None:
    parts = SimpleNamespace(
        db=db, clock=ManualClock(NOW), secrets=Secrets(b"s" * 32),
        config=Config(home=tmp_path, private_hosts=("127.0.0.1",)),
    )  # fmt: skip
    said = {"name": "web", "medium": "web_push", "carrier": "web_push", "settings": {"contact": "mailto:a@example.com"}}
    db.write(lambda tx: accounts.keep(tx, parts, accounts.Given.model_validate(said), "owner", NOW))

    async def whole() -> None:
        async with serving(taken) as service:
            ada = Browser(service.base)
            seen = Seen(7, "web_push", "web_push", ada.device.token, "", ada.device.keys)
            db.write(lambda tx: devices.register(tx, [seen], NOW))
            went = await account_test.send(parts, "web", ada.device.token, "It works", "owner")
            assert went.ok, went.words
            assert ada.read(service.heard[0].body) == {"title": "It works", "text": "It works"}

    asyncio.run(whole())
    (listed,) = db.look(lambda tx: devices.listed(tx, 7))
    assert (listed.medium, listed.seen_at) == ("web_push", NOW)
