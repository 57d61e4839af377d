"""Texts handed to a gateway over HTTP: what leaves, what the answers mean, and what callbacks are believed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from sojourn.runtime.channels.callback import Call, Forged, Malformed, Signal
from sojourn.runtime.channels.channel import (
    Channel,
    Delivered,
    Held,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unclear,
    Unreachable,
)
from sojourn.runtime.channels.sms_form import SmsForm
from sojourn.runtime.channels.sms_gateway import Gateway, GatewaySettings
from sojourn.runtime.channels.sms_twilio import Twilio, TwilioSettings
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.rendered import Rendered
from sojourn.runtime.exchange.caller import Caller
from sojourn.tests.runtime.sms_gateway import NUMBER, SmsGateway, sms_gateway

PRAGUE = "+420601123456"
HOOK = "https://news.example.com/hooks/texts"
HERE = Tools(config={}, account="texts", private_hosts=frozenset(["127.0.0.1"]), callback_url=HOOK)


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with sms_gateway() as running:
        yield running


def twilio(gateway: SmsGateway, tools: Tools = HERE, **more: Any) -> Twilio:
    return Twilio(TwilioSettings.model_validate(gateway.settings(**more)), tools)


def plain(gateway: SmsGateway, **more: Any) -> Gateway:
    return Gateway(GatewaySettings.model_validate(gateway.plain(**more)), HERE)


class Marks:
    """A mark that remembers what had left when it was asked."""

    def __init__(self, gateway: SmsGateway, *, yes: bool = True) -> None:
        self.gateway, self.yes, self.left_before = gateway, yes, list[int]()
        self.told: dict[int, Outcome] = {}

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        self.left_before.append(len(self.gateway.texts))
        return frozenset(ids if self.yes else ())

    def tell(self, message_id: int, outcome: Outcome) -> None:
        self.told[message_id] = outcome


def text(number: int = 1, said: str = "Hello & goodbye, 5 € čau", to: str = PRAGUE, **more: Any) -> Parcel:
    fields = SmsForm.model_validate({"text": said, "opt_out": False}).model_dump() | more
    return Parcel(number, to, Rendered(fields=fields), Brand())


def hand(channel: Channel, mark: Marks, *parcels: Parcel) -> list[Outcome]:
    async def go() -> list[Outcome]:
        try:
            return await channel.hand_over(parcels, mark)
        finally:
            await channel.close()

    return asyncio.run(go())


@pytest.mark.parametrize("kind", [twilio, plain])
def test_a_text_arrives_as_it_was_written(gateway: SmsGateway, kind: Callable[[SmsGateway], Channel]) -> None:
    mark = Marks(gateway)
    outcomes = hand(kind(gateway), mark, *(text(number) for number in range(12)))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert {outcome.reference for outcome in outcomes} == {sent["id"] for sent in gateway.texts}  # type: ignore[union-attr]
    assert {sent["text"] for sent in gateway.texts} == {"Hello & goodbye, 5 € čau"}
    assert {sent["to"].lstrip("+") for sent in gateway.texts} == {PRAGUE.lstrip("+")}
    assert {(sent["from"], sent["callback"]) for sent in gateway.texts} == {(NUMBER, HOOK)}
    assert len(mark.left_before) == 12 and mark.left_before[0] == 0
    assert not gateway.refused


@pytest.mark.parametrize("kind", [twilio, plain])
def test_what_the_mark_holds_back_does_not_leave(gateway: SmsGateway, kind: Callable[[SmsGateway], Channel]) -> None:
    assert hand(kind(gateway), Marks(gateway, yes=False), text()) == [Held()]
    assert not gateway.texts


def test_what_it_costs_is_what_the_carrier_says_or_else_the_price_list(gateway: SmsGateway) -> None:
    prices = {"+420": 0.03}
    [said] = hand(plain(gateway, prices=prices), Marks(gateway), text())
    assert isinstance(said, Delivered) and (said.units, said.cost) == (2, 57_500)
    [listed] = hand(twilio(gateway, prices=prices), Marks(gateway), text())
    assert isinstance(listed, Delivered) and (listed.units, listed.cost) == (1, 30_000)


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (400, {"code": 21211, "message": "bad To"}, Refused(21211, "", hard=True)),
        (400, {"code": 21614, "message": "no mobile"}, Refused(21614, "", hard=True)),
        (400, {"code": 21610, "message": "unsubscribed"}, Refused(21610, "")),
        (400, {"code": 21408, "message": "region"}, Refused(21408, "")),
        (400, {"code": 99999, "message": "new"}, Refused(99999, "")),
        (429, {"code": 20429, "message": "slow down"}, TryLater(20429, "", 30_000)),
        (429, {}, TryLater(429, "", 30_000)),
        (503, {}, TryLater(503, "")),
        (401, {"code": 20003, "message": "Authenticate"}, Unreachable("")),
        (400, {"code": 21606, "message": "From"}, Unreachable("")),
        (502, {}, Unclear("")),
        (201, {"unexpected": True}, Unclear("")),
    ],
)
def test_what_the_answers_of_twilio_mean(
    gateway: SmsGateway, status: int, body: dict[str, Any], wanted: Outcome
) -> None:
    gateway.say = lambda _: (status, body)
    [outcome] = hand(twilio(gateway), Marks(gateway), text())
    assert replace(outcome, text="") == wanted if not isinstance(outcome, Held) else False


@pytest.mark.parametrize(
    ("status", "state", "wanted"),
    [
        (200, "1", TryLater(1, "because")),
        (200, "6", Refused(6, "because", hard=True)),
        (200, "9", Refused(9, "because")),
        (400, "", Refused(400, "because")),
        (500, "", Unclear("The gateway's answer does not say whether it took the text (500: because).")),
        (503, "", TryLater(503, "because")),
        (401, "", Unreachable("The account is at fault (because).")),
    ],
)
def test_what_the_answers_of_a_gateway_mean(gateway: SmsGateway, status: int, state: str, wanted: Outcome) -> None:
    gateway.say = lambda _: (status, {"messages": [{"status": state, "why": "because"}]})
    [outcome] = hand(plain(gateway), Marks(gateway), text())
    assert outcome == wanted


@pytest.mark.parametrize("kind", [twilio, plain])
@pytest.mark.parametrize("trouble", ["drop", "hang"])
def test_a_text_that_left_without_an_answer_is_unclear(
    gateway: SmsGateway, kind: Callable[[SmsGateway], Any], trouble: str
) -> None:
    gateway.say = lambda _: trouble
    channel = kind(gateway)
    channel._caller = Caller(HERE.private_hosts, answer_s=0.2)
    assert [type(one) for one in hand(channel, Marks(gateway), text())] == [Unclear]


def test_a_carrier_that_is_away_is_asked_again_later_and_nothing_is_marked(gateway: SmsGateway) -> None:
    mark = Marks(gateway)
    channel = twilio(gateway, base_url="http://127.0.0.1:9")
    assert [type(one) for one in hand(channel, mark, text())] == [Unreachable]
    assert not mark.left_before and channel.room() == 0 and not channel.health().ok


def test_somebody_who_told_the_carrier_stop_has_told_us(gateway: SmsGateway) -> None:
    told: list[Signal] = []

    async def take(signals: Any) -> None:
        told.extend(signals)

    gateway.say = lambda _: (400, {"code": 21610, "message": "unsubscribed recipient"})
    channel = twilio(gateway, replace(HERE, told=take), stop_means="this_sender")
    assert [type(one) for one in hand(channel, Marks(gateway), text())] == [Refused]
    assert [(one.kind, one.address, one.sender) for one in told] == [("stopped", PRAGUE, NUMBER)]


# ── what they tell us ─────────────────────────────────────────────────────────────────────────────────


def test_receipts_of_twilio_say_what_became_of_a_text(gateway: SmsGateway) -> None:
    channel = twilio(gateway)

    def told(**fields: str) -> list[tuple[str, str, int, bool]]:
        call = gateway.as_twilio(HOOK, MessageSid="SM1", To=PRAGUE, From=NUMBER, **fields)
        return [(one.kind, one.reference, one.code, one.hard) for one in channel.read(call).signals]

    assert told(MessageStatus="sent") == []
    assert told(MessageStatus="delivered") == [("delivered", "SM1", 0, False)]
    assert told(MessageStatus="undelivered", ErrorCode="30003") == [("failed", "SM1", 30003, False)]
    assert told(MessageStatus="undelivered", ErrorCode="30005") == [("failed", "SM1", 30005, True)]
    assert told(MessageStatus="failed", ErrorCode="21610") == [
        ("failed", "SM1", 21610, False),
        ("stopped", "", 21610, False),
    ]
    once = gateway.as_twilio(HOOK, MessageSid="SM1", MessageStatus="delivered")
    assert (
        channel.read(once).signals[0].key == channel.read(once).signals[0].key
    )  # so that a second one counts for none


def test_what_people_write_back(gateway: SmsGateway) -> None:
    channel = twilio(gateway, help_text="Shop <help>", stop_means="this_sender", stop_words=["dość"])

    def wrote(said: str, **more: str) -> tuple[Signal, str]:
        reply = channel.read(gateway.as_twilio(HOOK, MessageSid="SM9", From=PRAGUE, To=NUMBER, Body=said, **more))
        assert reply.media_type == "text/xml"
        return reply.signals[0], reply.body

    stop, body = wrote("Dość!")
    assert (stop.kind, stop.address, stop.sender, stop.text) == ("stopped", PRAGUE, NUMBER, "Dość!")
    assert "<Message>" not in body
    asked, body = wrote("help")
    assert (asked.kind, asked.answer) == ("replied", "Shop <help>") and "<Message>Shop &lt;help&gt;</Message>" in body
    assert "<Message>" not in wrote("help", OptOutType="HELP")[1]
    said = wrote("When do you open?")[0]
    assert (said.kind, said.text, said.answer) == ("replied", "When do you open?", "")


def test_calls_that_twilio_did_not_make_are_refused(gateway: SmsGateway) -> None:
    channel = twilio(gateway)
    good = gateway.as_twilio(HOOK, MessageSid="SM1", MessageStatus="delivered")
    assert channel.read(good).signals
    for forged in (
        gateway.as_twilio(HOOK, token="another", MessageSid="SM1", MessageStatus="delivered"),
        replace(good, body=good.body.replace(b"SM1", b"SM2")),
        replace(good, headers={}),
        replace(good, headers={"x-twilio-signature": "é"}),
        gateway.as_twilio("https://other.example.com/hooks/texts", MessageSid="SM1", MessageStatus="delivered"),
    ):
        call = forged if "other" not in forged.url else replace(forged, url=HOOK)
        with pytest.raises(Forged):
            channel.read(call)
    for body in (b"\xff\xfe", b"nothing", b""):
        with pytest.raises((Malformed, Forged)):
            channel.read(replace(good, body=body))
    with pytest.raises(Malformed):
        channel.read(gateway.as_twilio(HOOK, MessageSid="SM1", Nothing="here"))
    assert channel.read(gateway.as_twilio(HOOK.replace(".com/", ".com:443/"), MessageSid="SM1", MessageStatus="read"))


def test_the_signature_is_the_one_of_their_documentation(gateway: SmsGateway) -> None:
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
              "To": "+18005551212"}  # fmt: skip
    call = gateway.as_twilio("https://mycompany.com/myapp.php?foo=1&bar=2", "12345", **fields)
    assert call.headers["x-twilio-signature"] == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_calls_of_a_gateway(gateway: SmsGateway) -> None:
    channel = plain(gateway, help_text="We sell shoes.")
    [arrived] = channel.read(gateway.as_plain(HOOK, message="SM1", state="delivered")).signals
    assert (arrived.kind, arrived.reference) == ("delivered", "SM1")
    [failed] = channel.read(gateway.as_plain(HOOK, message="SM1", state="failed", error="6")).signals
    assert (failed.kind, failed.code, failed.hard) == ("failed", 6, True)
    [stop] = channel.read(
        gateway.as_plain(HOOK, message="m1", msisdn="420601123456", to="420601000000", text="stop")
    ).signals
    assert (stop.kind, stop.address, stop.sender) == ("stopped", PRAGUE, "")
    reply = channel.read(gateway.as_plain(HOOK, message="m2", msisdn="420601123456", to="420601000000", text="help"))
    assert reply.signals[0].answer == "We sell shoes." and reply.then

    async def answer(then: Callable[[], Awaitable[None]]) -> None:
        await then()
        await channel.close()

    asyncio.run(answer(reply.then))
    assert [(sent["to"], sent["from"], sent["text"]) for sent in gateway.texts] == [
        ("420601123456", NUMBER, "We sell shoes.")
    ]


def test_calls_that_no_gateway_made_are_refused(gateway: SmsGateway) -> None:
    channel = plain(gateway)
    good = gateway.as_plain(HOOK, message="SM1", state="delivered")
    forged: list[Call] = [
        replace(good, body=good.body.replace(b"SM1", b"SM2")),
        replace(good, headers={**good.headers, "x-moment": "1"}),
        replace(good, headers={}),
        gateway.as_plain(HOOK, secret="guess", message="SM1", state="delivered"),
        gateway.as_plain(HOOK, moment=1_700_000_000, message="SM1", state="delivered"),  # played again years later
    ]
    for call in forged:
        with pytest.raises(Forged):
            channel.read(call)
    nonsense: list[dict[str, Any]] = [
        {"some": "thing"},
        {"message": "m", "text": "no sender"},
        {"state": "delivered", "message": {}},
    ]
    for body in nonsense:
        call = gateway.as_plain(HOOK, **body)
        with suppress(Malformed):
            assert not channel.read(call).signals
    with pytest.raises(Malformed):
        channel.read(replace(gateway.as_plain(HOOK), query={"message": "SM1", "state": "delivered"}))


def test_a_gateway_that_takes_texts_in_the_address(gateway: SmsGateway) -> None:
    own = {"url": f"{gateway.base}/query?key={{secret}}&to={{to}}&from={{from}}&text={{text}}", "method": "GET"}
    channel = plain(gateway, **own, body={}, headers={}, answer={"id": "id"})
    said = "50 % off & more? #1 {to}"
    [outcome] = hand(channel, Marks(gateway), text(said=said))
    assert isinstance(outcome, Delivered)
    assert [(sent["to"], sent["from"], sent["text"]) for sent in gateway.texts] == [(PRAGUE, NUMBER, said)]


def test_a_service_of_many_numbers_is_one_sender(gateway: SmsGateway) -> None:
    service = "MG" + "0" * 32
    channel = twilio(gateway, senders=[service], stop_means="this_sender")
    [outcome] = hand(channel, Marks(gateway), text())
    assert isinstance(outcome, Delivered) and gateway.texts[0]["from"] == service
    call = gateway.as_twilio(
        HOOK, MessageSid="SM1", From=PRAGUE, To="+420603000000", MessagingServiceSid=service, Body="stop"
    )
    assert channel.read(call).signals[0].sender == service


def test_nothing_filled_in_leaves_its_place(gateway: SmsGateway) -> None:
    said = '"}], "to": "x" {secret} {from}\r\nX: y'
    [outcome] = hand(plain(gateway), Marks(gateway), text(said=said))
    assert isinstance(outcome, Delivered) and gateway.texts[0]["text"] == said.strip()
    with pytest.raises(ValueError, match=r"nothing fills \{phone\}"):
        plain(gateway, body={"to": "{phone}"})
    with pytest.raises(ValueError, match="anybody could call"):
        plain(gateway, proof=None)
