"""Carriers, or those who pretend to be one, may send anything: it is refused, or read, and nothing breaks."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from sojourn.runtime.channels import smpp_pdu
from sojourn.runtime.channels.callback import Call, Forged, Malformed, Signal
from sojourn.runtime.channels.channel import Tools
from sojourn.runtime.channels.smpp_texts import Gathering, header, read, receipt, units
from sojourn.runtime.channels.sms_gateway import Gateway, GatewaySettings
from sojourn.runtime.channels.sms_twilio import Twilio, TwilioSettings
from sojourn.tests.runtime.sms_gateway import SECRET, TOKEN, SmsGateway

HOOK = "https://news.example.com/hooks/texts"
TOOLS = Tools(config={}, account="texts", callback_url=HOOK)
GATEWAY = SmsGateway()
GATEWAY.base = "https://gateway.example.com"
TWILIO = Twilio(TwilioSettings.model_validate(GATEWAY.settings()), TOOLS)
PLAIN = Gateway(GatewaySettings.model_validate(GATEWAY.plain()), TOOLS)
NAMES = ["MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "Body", "From", "To", "ErrorCode", "Price", "OptOutType"]
PLACES = ["message", "text", "state", "msisdn", "to", "error"]
VALUES = ["", "SM1", "delivered", "failed", "STOP", "\0", "é", "-0.0075", "nan", "21610", "9" * 400, "²", "٣"]
TREE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(VALUES),
    lambda kids: st.lists(kids, max_size=3) | st.dictionaries(st.sampled_from(PLACES), kids, max_size=5),
    max_leaves=12,
)


def storable(signals: list[Signal]) -> None:
    for one in signals:
        said = f"{one.key}{one.reference}{one.address}{one.text}{one.sender}"
        assert "\0" not in said and said.encode()
        assert one.key and -(2**63) < one.code < 2**63 and (one.cost is None or abs(one.cost) < 2**63)


@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=30)))
def test_whatever_twilio_signs_is_read_or_refused(fields: dict[str, str]) -> None:
    body = urlencode(fields, errors="replace").encode()
    signed = HOOK + "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    told = b64encode(hmac.digest(TOKEN.encode(), signed.encode("utf-8", "replace"), "sha1")).decode()
    with suppress(Forged, Malformed):
        storable(list(TWILIO.read(Call("POST", HOOK, {"x-twilio-signature": told}, body, {})).signals))


@given(st.binary(max_size=200), st.text(max_size=40) | st.sampled_from(["²", "³³", "٣", "1" * 400]))
def test_what_nobody_signed_is_refused(body: bytes, signature: str) -> None:
    for channel in (TWILIO, PLAIN):
        headers = {"x-twilio-signature": signature, "x-signature": signature, "x-moment": signature}
        with suppress(Forged, Malformed):
            raise AssertionError(channel.read(Call("POST", HOOK, headers, body, {"bodySHA256": signature})))


@given(TREE)
def test_whatever_a_gateway_signs_is_read_or_refused(tree: object) -> None:
    call = GATEWAY.as_plain(HOOK)
    body = json.dumps(tree).encode()
    moment = call.headers["x-moment"]
    told = hmac.digest(SECRET.encode(), f"{moment}.".encode() + body, "sha256").hex()
    with suppress(Forged, Malformed):
        storable(list(PLAIN.read(replace(call, body=body, headers={**call.headers, "x-signature": told})).signals))


@given(st.binary(max_size=300))
def test_whatever_a_centre_sends_is_read_or_refused(octets: bytes) -> None:
    header(octets)
    with suppress(smpp_pdu.BadUnit):
        text = smpp_pdu.read_short(octets)
        receipt(text)
        for latin in (True, False):
            Gathering().whole(text, read(text, latin))
    if len(octets) >= 4:
        with suppress(smpp_pdu.BadUnit):
            smpp_pdu.length_of(octets[:4])


@given(st.text(min_size=1, max_size=400))
def test_a_text_in_parts_is_put_together_again_in_any_order(said: str) -> None:
    said = said.encode("utf-16-be", "replace").decode("utf-16-be")
    gathering = Gathering()
    whole = [
        found
        for unit in reversed(units("Shop", "+420601123456", said, 7, 240))
        if (found := gathering.whole(unit, read(smpp_pdu.read_short(smpp_pdu.short(unit)), latin=False))) is not None
    ]
    assert whole == [said]
