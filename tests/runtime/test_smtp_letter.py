"""A letter on its way: its addresses, the headers by which providers tell it apart, and signatures made ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import dkim
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sojourn.runtime.channels.parcel import Parcel
from sojourn.runtime.channels.smtp_letter import PLAIN, Making, SmtpLetter, ascii_address
from sojourn.runtime.content.dkim import Signer, body_hash, make_key
from sojourn.runtime.content.feedback import feedback_id, list_id, sender_id
from sojourn.runtime.content.rendered import Rendered
from sojourn.storage.columns import from_ms
from sojourn.tests.runtime.post import BRAND, NOW

KEYS = tuple(Signer.of("example.com", name, make_key(name)) for name in ("rsa-sha256", "ed25519-sha256"))
SIGNED = replace(BRAND, signers=KEYS, reply_to="help@example.com")
PAGE = b"<p>Hello\r\n.there</p>" + b"<i>word</i>\r\n" * 400


def parcel(number: int = 7, **more: object) -> Parcel:
    rendered = Rendered("Dárek", parts=(b"Hello\r\n.there\r\n", PAGE))
    known = Parcel(
        number, f"u{number}@example.com", rendered, SIGNED, "https://go.example.com/u/x", NOW,
        letter="hello", journey="cart", topic="news", kind="marketing",
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def whole(letter: SmtpLetter) -> bytes:
    framed = letter.framed()
    return b"".join(framed.signed([signer.signature(data) for signer, _, data in framed.asked]))


def records(name: bytes | str, timeout: int = 5) -> bytes:
    found = name.decode() if isinstance(name, bytes) else name
    return next(signer.record for signer in KEYS if found.startswith(f"{signer.selector}._domainkey")).encode()


def test_a_letter_of_a_list_says_so_and_every_header_of_it_is_signed() -> None:
    raw = whole(SmtpLetter.of(parcel()))
    message = message_from_bytes(raw, policy=default)
    assert message["Feedback-ID"] == "hello:cart:marketing:examplecom"
    assert message["List-ID"] == "<news.example.com>" and message["Precedence"] == "bulk"
    assert message["Reply-To"] == "help@example.com" and message["Message-ID"].startswith("<m7.")
    assert message["Date"].datetime == from_ms(NOW).replace(microsecond=0)
    assert not message.defects and not [part for part in message.walk() if part.defects]
    for place in range(2):
        assert dkim.DKIM(raw).verify(place, dnsfunc=records)
    named = message["DKIM-Signature"].replace(" ", "").partition("h=")[2].partition(";")[0].split(":")
    wanted = {"feedback-id", "list-id", "list-unsubscribe", "list-unsubscribe-post", "message-id", "date", "reply-to"}
    assert wanted <= set(named)
    for header in (b"Feedback-ID: hello", b"List-ID: <news", b"List-Unsubscribe-Post: List", b"Reply-To: help"):
        assert not dkim.verify(raw.replace(header, header[:-1] + b"X"), dnsfunc=records), header


def test_what_is_owed_belongs_to_no_list() -> None:
    message = message_from_bytes(whole(SmtpLetter.of(parcel(unsubscribe_url="", kind="transactional"))), policy=default)
    assert message["List-ID"] is None and message["Precedence"] is None and message["List-Unsubscribe"] is None
    assert message["Feedback-ID"] == "hello:cart:transactional:examplecom"


def test_signatures_made_ahead_are_those_of_the_letter_and_a_broken_one_spoils_no_other() -> None:
    letters = [SmtpLetter.of(parcel(number)) for number in range(1, 12)]
    letters[4] = SmtpLetter.of(parcel(5, rendered=Rendered("Hi\r\nBcc: all@example.com", parts=(b"x", b"y"))))

    async def go() -> list[bytes | str]:
        making, found = Making(letters), []
        for letter in letters:
            try:
                found.append(b"".join(await making.of(letter)))
            except Exception as error:
                found.append(str(error))
        return found

    found = asyncio.run(go())
    assert "line breaks" in str(found[4])
    for number, raw in enumerate(found, 1):
        if number != 5:
            assert isinstance(raw, bytes) and f"To: u{number}@example.com\r\n".encode() in raw
            assert dkim.verify(raw, dnsfunc=records)


def test_a_body_that_is_relaxed_already_has_the_same_hash() -> None:
    parts = [b"Hello there\r\n", PAGE, b"\r\n--x--\r\n"]
    assert body_hash(parts, relaxed=True) == body_hash(parts)


ADDRESS = st.from_regex(r"[a-zA-Z0-9._+-]{1,12}@[a-z0-9.-]{1,12}\.(com|org|test|x-n)", fullmatch=True)


@settings(max_examples=150)
@given(ADDRESS)
@example("a@xn--bcher-kva.example.com")
@example("a@" + "b" * 64 + ".com")
@example("a" * 65 + "@example.com")
def test_what_is_taken_for_an_address_at_a_glance_is_one(address: str) -> None:
    if PLAIN(address):
        assert validate_email(address, check_deliverability=False, globally_deliverable=False).ascii_email == address


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("ann.b+news@shop.example.com", True),
        ("o'neil@example.com", False),
        ("Ann@Example.com", False),
        ("ž@example.com", False),
    ],
)
def test_unusual_addresses_are_looked_at_closely(address: str, plain: bool) -> None:
    assert bool(PLAIN(address)) == plain
    taken: Callable[[], str] = lambda: ascii_address(address)  # noqa: E731
    if address.startswith("ž"):
        with pytest.raises(EmailNotValidError):
            taken()
    else:
        assert taken().lower() == address.lower()


def test_words_of_providers_stay_within_their_limits() -> None:
    for domain in ("example.com", "a.io", "a-very-long-name.of.a-shop.example.org"):
        assert 5 <= len(sender_id(domain)) <= 15 and sender_id(domain).isalnum()
    assert feedback_id("Hello: you", "Košík", "marketing", "example.com") == "hello-you:ko-k:marketing:examplecom"
    assert feedback_id("hello", "", "marketing", "example.com") == "", "a test belongs to no journey"
    assert list_id("Spring Offers", "example.com") == "<spring-offers.example.com>"
