"""STOP, START and HELP as people write them, who a text comes from, and what it costs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sojourn.runtime.channels.channel import Parcel, Refused, Tools
from sojourn.runtime.channels.sms_account import SmsSettings
from sojourn.runtime.channels.sms_form import SmsForm
from sojourn.runtime.channels.sms_twilio import Twilio, TwilioSettings
from sojourn.runtime.channels.sms_words import wish
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.rendered import Rendered

PRAGUE, BOSTON, PARIS = "+420601123456", "+16175551234", "+33612345678"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("STOP", "stop"), (" s t o p ", "stop"), ("Stop!!", "stop"), ("opt out", "stop"), ("Odhlásit", "stop"),
        ("ODHLASIT prosim", "stop"), ("nechci už zprávy", "stop"), ("zrušiť", "stop"), ("Abmelden bitte.", "stop"),
        ("stop sending me texts", "stop"), ("koniec", "stop"), ("ＳＴＯＰ", "stop"), ("stop\u00a0", "stop"),
        ("START", "start"), ("přihlásit", "start"), ("Anmelden", "start"), ("opt-in", "start"),
        ("help", "help"), ("Pomoc?", "help"), ("HILFE", "help"), ("nápověda", "help"),
        ("stop by the shop at five?", None), ("When does the shop open?", None), ("cancel my order 1234", None),
        ("", None), ("?!", None), ("please", None), ("stop " * 40, None), ("Ende gut, alles gut", None),
    ],
)  # fmt: skip
def test_keywords(text: str, wanted: str | None) -> None:
    assert wish(text) == wanted


def test_the_owner_has_words_of_their_own() -> None:
    assert wish("Dość!", stop=["dość"]) == "stop"
    assert wish("TAK", start=["tak"], stop=["dość"]) == "start"
    assert wish("TAK") is None


def account(**more: object) -> Twilio:
    known = {"account_sid": "AC01", "auth_token": "t", "senders": ["+420601000000"]} | more
    return Twilio(TwilioSettings.model_validate(known), Tools(config={}))


def parcel(to: str, text: str = "Hello", barred: tuple[str, ...] = (), **more: object) -> Parcel:
    fields = (
        SmsForm.model_validate({"text": text}).model_dump() | {"way_out": "https://go.example.com/s/1234abcd"} | more
    )
    return Parcel(1, to, Rendered(fields=fields), Brand(), barred=frozenset(barred))


def test_the_first_sender_that_arrives_and_was_not_told_to_stop() -> None:
    shop = account(senders=["MyShop", "+420601000000", "+420602000000"], sender_by_country={"US": "+15551234567"})
    assert shop.composed(parcel(PRAGUE)) == ("MyShop", "Hello\nNo more texts: https://go.example.com/s/1234abcd")
    assert shop.composed(parcel(BOSTON)) == ("+15551234567", "Hello\nReply STOP to get no more")
    assert shop.composed(parcel("+32470123456"))[0] == "+420601000000"  # type: ignore[index]  # Belgium takes no names
    assert shop.sender_for(PRAGUE, frozenset(["MyShop"])) == "+420601000000"
    assert not shop.serves(parcel(PRAGUE, barred=("MyShop", "+420601000000", "+420602000000")))
    assert not account(countries=["CZ"]).serves(parcel(PARIS))


def test_marketing_from_a_name_needs_another_way_out() -> None:
    shop = account(senders=["MyShop"])
    assert isinstance(shop.composed(parcel(PRAGUE, way_out="")), Refused)
    assert shop.composed(parcel(PRAGUE, way_out="", opt_out=False)) == ("MyShop", "Hello")
    owed = parcel(PRAGUE, way_out="")
    assert shop.composed(Parcel(1, PRAGUE, owed.rendered, Brand(), transactional=True)) == ("MyShop", "Hello")
    assert "Nobody can answer to MyShop" in " ".join(shop.warnings())
    assert "US" in " ".join(account(senders=["MyShop"], countries=["US", "CZ"]).warnings())


def test_a_text_is_priced_by_its_parts_and_where_it_goes() -> None:
    shop = account(prices={"+420": 0.03, "+4206": 0.025, "": 0.08}, currency="CZK")
    fields = SmsForm.model_validate({"text": "č" * 80, "opt_out": False}).model_dump()
    assert shop.price(fields, PRAGUE) is not None
    price = shop.price(fields, PRAGUE)
    assert price and (price.units, price.amount, price.currency) == (2, 0.05, "CZK")
    price = shop.price(fields | {"plain": True}, PARIS)
    assert price and (price.units, price.amount) == (1, 0.08)
    long = {"text": f"See https://shop.example.com/{'a' * 200}", "opt_out": False}
    price = shop.price(SmsForm.model_validate(long).model_dump(), PARIS)  # its address will be a short one
    assert price and price.units == 1
    price = shop.price(SmsForm.model_validate(long | {"shorten": False}).model_dump(), PARIS)
    assert price and price.units == 2
    price = account().price(fields, PARIS)
    assert price and price.amount is None


def test_a_text_too_long_or_empty_for_somebody_does_not_go() -> None:
    assert isinstance(account(most_parts=1).composed(parcel(PRAGUE, "a" * 161)), Refused)
    assert isinstance(
        account().composed(Parcel(1, PRAGUE, Rendered(fields={"text": " ", "opt_out": True, "way_out": "x"}), Brand())),
        Refused,
    )
    assert isinstance(account().composed(parcel("601123456")), Refused)


@pytest.mark.parametrize(
    "wrong",
    [
        {"senders": ["A name too long"]},
        {"senders": []},
        {"senders": ["1234567890123"]},
        {"senders": ["Šop"]},
        {"senders": ["MyShop"], "prices": {"420": 1}},
        {"senders": ["MyShop"], "way_out_by_link": "No more texts"},
        {"senders": ["MyShop"], "sender_by_country": {"usa": "+15551234567"}},
    ],
)
def test_an_account_says_what_is_wrong_with_it(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SmsSettings.model_validate(wrong)
