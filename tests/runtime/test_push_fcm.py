"""Push through Firebase: signed in with the service account, and each answer read as what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from sojourn.runtime.channels.channel import Delivered, Held, Refused, Token, TryLater, Unclear, Unreachable
from sojourn.runtime.channels.push import PushForm
from sojourn.runtime.channels.push_fcm import Fcm, FcmSettings

from .push_services import HERE, Answer, Heard, Marks, Service, hand, json, opened, parcel, pem, serving

KEY = rsa.generate_private_key(65537, 2048)
ADA, BEN = Token("fcm", "ada:1", "com.example.shop"), Token("fcm", "ben:2")
HELLO = PushForm.model_validate(
    {
        "title": "Hello",
        "text": "Your order is on its way.",
        "link": "shop://orders/7",
        "data": {"order": "7"},
        "badge": 2,
        "collapse_key": "order 7",
    }
).model_dump()
SEND = "/v1/projects/shop-1/messages:send"


def fcm(base: str, **more: Any) -> Fcm:
    account = {
        "project_id": "shop-1",
        "private_key_id": "k1",
        "private_key": pem(KEY),
        "client_email": "sojourn@shop-1.example.com",
        "token_uri": f"{base}/token",
    }
    return Fcm(FcmSettings(service_account=orjson.dumps(account).decode(), api_url=base, **more), HERE)  # type: ignore[arg-type]


def run(answers: Callable[[Heard], Answer], test: Callable[[Service, Fcm], Awaitable[None]]) -> None:
    """A test against Firebase; the tokens are given out one after the other: t1, t2 …"""
    given = 0

    def answering(heard: Heard) -> Answer:
        nonlocal given
        if heard.path != "/token":
            return answers(heard)
        given += 1
        return json(200, {"access_token": f"t{given}", "expires_in": 3600, "token_type": "Bearer"})

    async def whole() -> None:
        async with serving(answering) as service:
            channel = fcm(service.base)
            await test(service, channel)
            await channel.close()

    asyncio.run(whole())


def taken(heard: Heard) -> Answer:
    return json(200, {"name": f"projects/shop-1/messages/{heard.said['message']['token']}"})


def refused(status: int, code: str, *details: Mapping[str, Any], **headers: str) -> Answer:
    error = {"code": status, "status": code, "message": f"it is {code}", "details": list(details)}
    return json(status, {"error": error}, **headers)


def about(code: str) -> dict[str, str]:
    return {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}


def test_a_message_goes_to_every_device_signed_in_once() -> None:
    async def test(service: Service, channel: Fcm) -> None:
        marks = Marks()
        outcomes = await hand(channel, parcel(HELLO, ADA, BEN), parcel(HELLO, ADA, message_id=2), marks=marks)
        assert outcomes[0] == Delivered(200, "Taken by 2 of 2 devices.", reference="projects/shop-1/messages/ada:1")
        assert isinstance(outcomes[1], Delivered)
        assert sorted(marks.asked) == [1, 2], "the mark is asked once a message, not once a device"
        (token,) = service.to("/token")
        asked = parse_qs(token.body.decode())
        assert asked["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        head, claims = opened(asked["assertion"][0], KEY.public_key())
        assert head == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
        assert claims["aud"] == f"{service.base}/token" and claims["exp"] - claims["iat"] == 3600
        assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        sent = service.to(SEND)
        assert {one.headers["authorization"] for one in sent} == {"Bearer t1"}
        said = sent[0].said["message"]
        assert said["notification"] == {"title": "Hello", "body": "Your order is on its way."}
        assert said["data"] == {"order": "7", "sojourn_link": "shop://orders/7"}
        assert said["android"]["collapse_key"] == "order 7" and said["android"]["ttl"] == "259200s"
        assert said["apns"]["payload"]["aps"] == {"sound": "default", "badge": 2}
        assert len(said["apns"]["headers"]["apns-collapse-id"]) <= 64

    run(taken, test)


def test_a_silent_message_shows_nothing() -> None:
    async def test(service: Service, channel: Fcm) -> None:
        silent = PushForm.model_validate(
            {"silent": True, "data": {"sync": "orders"}, "title": "never shown"}
        ).model_dump()
        await hand(channel, parcel(silent, ADA))
        said = service.to(SEND)[0].said["message"]
        assert "notification" not in said and said["android"]["priority"] == "NORMAL"
        assert said["apns"]["payload"] == {"aps": {"content-available": 1}}
        assert said["apns"]["headers"]["apns-push-type"] == "background"

    run(taken, test)


NO_TOKEN = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "message.token"}]}


@pytest.mark.parametrize(
    ("answer", "outcome", "gone"),
    [
        (refused(404, "NOT_FOUND", about("UNREGISTERED")), Refused, True),
        (refused(403, "PERMISSION_DENIED", about("SENDER_ID_MISMATCH")), Refused, True),
        (refused(400, "INVALID_ARGUMENT", about("INVALID_ARGUMENT"), NO_TOKEN), Refused, True),
        (refused(400, "INVALID_ARGUMENT", about("INVALID_ARGUMENT")), Refused, False),
        (refused(403, "PERMISSION_DENIED"), Unreachable, False),
        (refused(401, "UNAUTHENTICATED", about("THIRD_PARTY_AUTH_ERROR")), Unreachable, False),
        (refused(500, "INTERNAL"), TryLater, False),
        ((502, {}, b"<html>Bad gateway"), TryLater, False),
        ((200, {}, b"<html>Sign in to the hotel's network"), Unclear, False),
        ((200, {}, b'{"name": 7}'), Unclear, False),
        (json(400, ["nothing", "we", "know"]), Refused, False),
    ],
)
def test_what_firebase_says_is_read_as_what_it_means(answer: Answer, outcome: type, gone: bool) -> None:
    async def test(service: Service, channel: Fcm) -> None:
        (found,) = await hand(channel, parcel(HELLO, ADA))
        assert isinstance(found, outcome)
        assert getattr(found, "gone", ()) == (("ada:1",) if gone else ())

    run(lambda heard: answer, test)


def test_firebase_is_left_alone_as_long_as_it_wants() -> None:
    answers = [
        (refused(429, "RESOURCE_EXHAUSTED", about("QUOTA_EXCEEDED"), **{"retry-after": "300"}), 300_000),
        (refused(429, "RESOURCE_EXHAUSTED", about("QUOTA_EXCEEDED")), 60_000),
        (refused(503, "UNAVAILABLE", about("UNAVAILABLE"), **{"retry-after": "7"}), 7_000),
    ]
    for answer, after_ms in answers:

        async def test(service: Service, channel: Fcm, after_ms: int = after_ms) -> None:
            (found,) = await hand(channel, parcel(HELLO, ADA))
            assert isinstance(found, TryLater) and found.after_ms == after_ms

        run(lambda heard, answer=answer: answer, test)


def test_one_device_is_enough_and_those_that_are_gone_are_named() -> None:
    def answers(heard: Heard) -> Answer:
        gone = heard.said["message"]["token"] == "ada:1"
        return refused(404, "NOT_FOUND", about("UNREGISTERED")) if gone else taken(heard)

    async def test(service: Service, channel: Fcm) -> None:
        (found,) = await hand(channel, parcel(HELLO, ADA, BEN))
        assert isinstance(found, Delivered) and found.gone == ("ada:1",) and "1 of 2" in found.text

    run(answers, test)


def test_an_access_token_that_is_refused_is_renewed_once() -> None:
    def answers(heard: Heard) -> Answer:
        return taken(heard) if heard.headers["authorization"] == "Bearer t2" else refused(401, "UNAUTHENTICATED")

    async def test(service: Service, channel: Fcm) -> None:
        outcomes = await hand(channel, parcel(HELLO, ADA, BEN), parcel(HELLO, ADA, message_id=2))
        assert all(isinstance(one, Delivered) for one in outcomes)
        assert len(service.to("/token")) == 2, "however many messages were refused with the first"

    run(answers, test)


def test_held_back_nothing_leaves() -> None:
    async def test(service: Service, channel: Fcm) -> None:
        assert await hand(channel, parcel(HELLO, ADA, BEN), marks=Marks(held=[1])) == [Held()]
        assert not service.to(SEND)

    run(taken, test)


def test_no_answer_after_it_left_is_unclear_and_before_it_nothing_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(service: Service, channel: Fcm) -> None:
        channel._caller._answer_s = 0.2
        marks = Marks()
        (found,) = await hand(channel, parcel(HELLO, ADA), marks=marks)
        assert isinstance(found, Unclear) and marks.asked == [1]

    run(lambda heard: None, test)

    async def away() -> None:
        channel, marks = fcm("http://127.0.0.1:9"), Marks()
        (found,) = await hand(channel, parcel(HELLO, ADA), marks=marks)
        assert isinstance(found, Unreachable) and not marks.asked
        assert not channel.health().ok and channel.room() == 0
        await channel.close()

    asyncio.run(away())


def test_a_service_account_google_does_not_know_sends_nothing_and_says_so() -> None:
    async def whole() -> None:
        problem = json(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        async with serving(lambda heard: problem) as service:
            channel, marks = fcm(service.base), Marks()
            (found,) = await hand(channel, parcel(HELLO, ADA), marks=marks)
            assert isinstance(found, Unreachable) and "Invalid JWT Signature." in found.text
            assert not marks.asked and not service.to(SEND)
            await channel.close()

    asyncio.run(whole())


def test_only_the_whole_file_of_a_service_account_is_one() -> None:
    for wrong in ("{}", "nothing", '{"private_key": "-----BEGIN", "project_id": "p"}'):
        with pytest.raises(ValidationError, match="JSON file of a service account"):
            FcmSettings(service_account=wrong)  # type: ignore[arg-type]


def test_what_a_push_says_is_looked_at_before_it_is_published() -> None:
    assert PushForm.problems({"title": "Hello"}) == []
    assert "title or a text" in PushForm.problems({"text": ""})[0]
    assert "taken" in PushForm.problems({"title": "Hello", "data": {"google.id": "1"}})[0]
    assert "4,096" in PushForm.problems({"title": "Hello", "text": "é" * 2_000})[0]
