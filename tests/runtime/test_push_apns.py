"""Push through Apple: HTTP/2 over TLS, tickets that are renewed, and each answer read as what it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sojourn.runtime.channels import push_apns
from sojourn.runtime.channels.channel import Delivered, Held, Refused, Token, TryLater, Unclear, Unreachable
from sojourn.runtime.channels.push import PushForm
from sojourn.runtime.channels.push_apns import Apns, ApnsSettings, payload

from .push_services import HERE, Answer, Heard, Marks, Service, hand, json, opened, parcel, pem, serving, trusted

KEY = ec.generate_private_key(ec.SECP256R1())
IPHONE, IPAD = Token("apns", "a1" * 32, "com.example.shop"), Token("apns", "b2" * 32)
HELLO = PushForm.model_validate(
    {
        "title": "Hello",
        "text": "Your order is here.",
        "link": "shop://orders/7",
        "badge": 0,
        "collapse_key": "order-7",
        "expires_hours": 2,
    }
).model_dump()
PATH = f"/3/device/{IPHONE.token}"


def apns(base: str) -> Apns:
    settings = ApnsSettings(key=pem(KEY), key_id="KEY1234567", team_id="TEAM123456", topic="com.example.shop", url=base)  # type: ignore[arg-type]
    return Apns(settings, HERE)


def run(answers: Callable[[Heard], Answer], test: Callable[[Service, Apns], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(answers) as service:
            channel = apns(service.base)
            await test(service, channel)
            await channel.close()

    asyncio.run(whole())


def taken(heard: Heard) -> Answer:
    return 200, {"apns-id": f"id-{heard.path[-4:]}"}, b""


def test_over_tls_with_http_2_every_header_is_as_apple_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, certificate = trusted(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def whole() -> None:
        async with serving(taken, tls) as service:
            channel = apns(service.base)
            (found,) = await hand(channel, parcel(HELLO, IPHONE))
            assert found == Delivered(200, "Apple took it.", reference="id-a1a1")
            (heard,) = service.heard
            assert heard.path == PATH
            assert heard.headers["apns-topic"] == "com.example.shop"
            assert heard.headers["apns-push-type"] == "alert" and heard.headers["apns-priority"] == "10"
            assert heard.headers["apns-collapse-id"] == "order-7"
            assert abs(int(heard.headers["apns-expiration"]) - time.time() - 7_200) < 60
            scheme, _, shown = heard.headers["authorization"].partition(" ")
            head, claims = opened(shown, KEY.public_key())
            assert scheme == "bearer" and head == {"alg": "ES256", "typ": "JWT", "kid": "KEY1234567"}
            assert claims["iss"] == "TEAM123456" and abs(claims["iat"] - time.time()) < 60
            assert heard.said == {
                "sojourn_link": "shop://orders/7",
                "aps": {"alert": {"title": "Hello", "body": "Your order is here."}, "sound": "default", "badge": 0},
            }
            await channel.close()

    asyncio.run(whole())


def test_silent_it_wakes_the_app_and_nobody_else() -> None:
    async def test(service: Service, channel: Apns) -> None:
        await hand(
            channel, parcel(PushForm.model_validate({"silent": True, "data": {"sync": "1"}}).model_dump(), IPHONE)
        )
        (heard,) = service.heard
        assert heard.headers["apns-push-type"] == "background" and heard.headers["apns-priority"] == "5"
        assert heard.said == {"sync": "1", "aps": {"content-available": 1}}

    run(taken, test)


def test_one_ticket_serves_forty_minutes_and_then_there_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(service: Service, channel: Apns) -> None:
        await hand(channel, parcel(HELLO, IPHONE, IPAD), parcel(HELLO, IPHONE, message_id=2))
        assert len({heard.headers["authorization"] for heard in service.heard}) == 1
        assert 1_200 < push_apns.RENEW_S < 3_000, "Apple refuses more often than every 20 minutes, and after 60"
        monkeypatch.setattr(push_apns, "RENEW_S", 0)
        await hand(channel, parcel(HELLO, IPHONE, message_id=3))
        assert len({heard.headers["authorization"] for heard in service.heard}) == 2

    run(taken, test)


def test_a_ticket_that_ran_out_is_made_anew_once() -> None:
    first: list[str] = []

    def answers(heard: Heard) -> Answer:
        first.append(heard.headers["authorization"])
        return (
            json(403, {"reason": "ExpiredProviderToken"})
            if heard.headers["authorization"] == first[0]
            else taken(heard)
        )

    async def test(service: Service, channel: Apns) -> None:
        found = await hand(channel, parcel(HELLO, IPHONE, IPAD), parcel(HELLO, IPHONE, message_id=2))
        assert all(isinstance(one, Delivered) for one in found)
        assert len(set(first)) == 2

    run(answers, test)

    async def never(service: Service, channel: Apns) -> None:
        (found,) = await hand(channel, parcel(HELLO, IPHONE))
        assert isinstance(found, Unreachable) and len(service.heard) == 2

    run(lambda heard: json(403, {"reason": "ExpiredProviderToken"}), never)


@pytest.mark.parametrize(
    ("answer", "outcome", "gone"),
    [
        (json(410, {"reason": "Unregistered", "timestamp": 1_700_000_000_000}), Refused, True),
        (json(400, {"reason": "BadDeviceToken"}), Refused, True),
        (json(400, {"reason": "DeviceTokenNotForTopic"}), Refused, True),
        (json(400, {"reason": "BadCollapseId"}), Refused, False),
        (json(413, {"reason": "PayloadTooLarge"}), Refused, False),
        (json(403, {"reason": "InvalidProviderToken"}), Unreachable, False),
        (json(400, {"reason": "TopicDisallowed"}), Unreachable, False),
        (json(500, {"reason": "InternalServerError"}), TryLater, False),
        (json(503, {"reason": "Shutdown"}), TryLater, False),
        ((400, {}, b"\xff not JSON"), Refused, False),
        (json(410, ["no", "reason"]), Refused, True),
    ],
)
def test_what_apple_says_is_read_as_what_it_means(answer: Answer, outcome: type, gone: bool) -> None:
    async def test(service: Service, channel: Apns) -> None:
        (found,) = await hand(channel, parcel(HELLO, IPHONE))
        assert isinstance(found, outcome)
        assert getattr(found, "gone", ()) == ((IPHONE.token,) if gone else ())

    run(lambda heard: answer, test)


def test_too_many_requests_wait() -> None:
    for reason, headers, after_ms in [
        ("TooManyRequests", {}, 60_000),
        ("TooManyRequests", {"retry-after": "90"}, 90_000),
        ("TooManyProviderTokenUpdates", {}, 1_200_000),
    ]:

        async def test(service: Service, channel: Apns, after_ms: int = after_ms) -> None:
            (found,) = await hand(channel, parcel(HELLO, IPHONE))
            assert isinstance(found, TryLater) and found.after_ms == after_ms

        run(lambda heard, reason=reason, headers=headers: json(429, {"reason": reason}, **headers), test)


def test_a_device_that_came_back_after_it_was_gone_is_kept() -> None:
    answer = json(410, {"reason": "Unregistered", "timestamp": 1_700_000_000_000})

    async def test(service: Service, channel: Apns) -> None:
        back = Token("apns", IPHONE.token, keys={"seen_at": 1_700_000_000_001})
        (found,) = await hand(channel, parcel(HELLO, back))
        assert isinstance(found, Refused) and not found.gone

    run(lambda heard: answer, test)


def test_only_devices_with_this_app_are_reached() -> None:
    other = Token("apns", "c3" * 32, "com.example.other")

    async def test(service: Service, channel: Apns) -> None:
        assert not channel.serves(parcel(HELLO, other, Token("fcm", "x:y")))
        await hand(channel, parcel(HELLO, other, IPAD))
        assert [heard.path for heard in service.heard] == [f"/3/device/{IPAD.token}"]

    run(taken, test)


def test_a_token_that_is_none_never_becomes_part_of_an_address() -> None:
    async def test(service: Service, channel: Apns) -> None:
        (found,) = await hand(channel, parcel(HELLO, Token("apns", "../../admin?x=")))
        assert isinstance(found, Refused) and found.gone == ("../../admin?x=",) and not service.heard

    run(taken, test)


def test_more_than_apple_takes_is_refused_before_it_leaves() -> None:
    async def test(service: Service, channel: Apns) -> None:
        long = {**HELLO, "text": "é" * 2_100}
        assert len(payload(long)) > 4_096
        marks = Marks()
        (found,) = await hand(channel, parcel(long, IPHONE), marks=marks)
        assert isinstance(found, Refused) and "4,096" in found.text and not service.heard and not marks.asked

    run(taken, test)


def test_held_back_or_lost() -> None:
    async def held(service: Service, channel: Apns) -> None:
        assert await hand(channel, parcel(HELLO, IPHONE, IPAD), marks=Marks(held=[1])) == [Held()]
        assert not service.heard

    run(taken, held)

    async def lost(service: Service, channel: Apns) -> None:
        channel._caller._answer_s = 0.2
        (found,) = await hand(channel, parcel(HELLO, IPHONE))
        assert isinstance(found, Unclear)

    run(lambda heard: None, lost)

    def one_of_two(heard: Heard) -> Answer:
        return None if heard.path == PATH else taken(heard)

    async def partly(service: Service, channel: Apns) -> None:
        channel._caller._answer_s = 0.2
        (found,) = await hand(channel, parcel(HELLO, IPHONE, IPAD))
        assert isinstance(found, Delivered), "who has it on one device has it; it is not tried again"

    run(one_of_two, partly)
