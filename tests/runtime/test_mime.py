"""Headers, parts and signed links: what arrives is what was meant, and nothing can be slipped in."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape

import pytest

from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.links import ForgedLink, Links
from sojourn.runtime.content.skeleton import BadHeader, Skeleton, quotable, quoted

BRAND = Brand("Acme", "1 Main St", "Žlutý kůň", "news@example.com", "help@example.com", "https://go.example.com")


def made(**changes: str) -> bytes:
    values = {
        "to": "ann@example.com",
        "subject": "Dárek 🎁 " + "ž" * 90,
        "html": "<p>ž\n.\n..x</p>",
        "text": ".\ný",
        **changes,
    }
    html, text = quotable(values.pop("html")), quoted(values.pop("text").encode())
    pieces = Skeleton(BRAND).letter(
        message_id=42, at_ms=1_790_000_000_000, unsubscribe_url="https://go.example.com/u/t", html=html, text=text,
        to=values["to"], subject=values["subject"],
    )  # fmt: skip
    return b"".join(pieces)


def test_a_letter_reads_back_as_it_was_written() -> None:
    raw = made(html="<p>" + "ž" * 2000 + "</p>\n.\n..x", text=".\nFrom here\n\ttab ")
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert message["Subject"] == "Dárek 🎁 " + "ž" * 90
    assert message["From"].addresses[0].display_name == "Žlutý kůň"
    assert message["List-Unsubscribe"] == "<https://go.example.com/u/t>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["X-Sojourn-Message"] == "42"
    assert message["Message-ID"].startswith("<m42.")
    parts = [message.get_body((kind,)) for kind in ("html", "plain")]
    html, text = (part.get_content().replace("\r\n", "\n").rstrip("\n") if part else "" for part in parts)
    assert unescape(html) == "<p>" + "ž" * 2000 + "</p>\n.\n..x"
    assert text == ".\nFrom here\n\ttab "
    assert not message.defects and not [part.defects for part in message.iter_parts() if part.defects]
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines)
    raw.decode("ascii")


def test_the_same_message_has_the_same_id() -> None:
    assert made() == made()


@pytest.mark.parametrize("evil", ["x\r\nBcc: all@example.com", "x\nBcc: a", "x\0y", "x\x0by", "x\u2028y"])
@pytest.mark.parametrize("where", ["subject", "to", "sender_name", "sender_address", "reply_to"])
def test_nothing_is_slipped_into_a_header(where: str, evil: str) -> None:
    brand = replace(BRAND, **{where: evil}) if where in ("sender_name", "sender_address", "reply_to") else BRAND
    values = {"to": "ann@example.com", "subject": "x"}
    if where in values:
        values[where] = evil
    with pytest.raises(BadHeader):
        Skeleton(brand).letter(message_id=1, html=b"", text=b"", at_ms=0, **values)


def test_every_changed_bit_of_a_token_is_seen() -> None:
    links = Links(b"secret", "https://go.example.com")
    token = links.click(5, "https://shop.example.com/ž?a=1").rpartition("/")[2]
    assert links.read_click(token) == (5, "https://shop.example.com/ž?a=1", 0)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, letter in enumerate(token):
        for bit in range(6):
            other = alphabet[alphabet.index(letter) ^ (1 << bit)]
            with pytest.raises(ForgedLink):
                links.read_click(token[:place] + other + token[place + 1 :])


def test_tokens_serve_one_purpose_and_one_instance() -> None:
    links = Links(b"secret")
    unsubscribe = links.unsubscribe(5, 6, "email").rpartition("/")[2]
    opening = links.pixel(5).rpartition("/")[2].removesuffix(".gif")
    assert links.read_unsubscribe(unsubscribe) == (5, 6, "email")
    for token in (
        opening,
        "",
        "x",
        "=" * 40,
        "ž" * 30,
        "A" * 9000,
        unsubscribe + "A",
        unsubscribe[:-1],
        unsubscribe + "=",
    ):
        with pytest.raises(ForgedLink):
            links.read_unsubscribe(token)
    with pytest.raises(ForgedLink):
        links.read_open(unsubscribe)
    with pytest.raises(ForgedLink):
        links.read_click(unsubscribe)
    with pytest.raises(ForgedLink):
        Links(b"other").read_unsubscribe(unsubscribe)
