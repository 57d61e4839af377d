"""A letter made for the wire says what its slower form says; signed it verifies; it parses without defects."""

from __future__ import annotations

import quopri
import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.runtime.content.block_types import new_block
from sojourn.runtime.content.dkim import NoKey, Signer, make_key
from sojourn.runtime.content.letter import BrokenLetter, Letter, compile_letter, render
from sojourn.runtime.content.links import Links
from sojourn.runtime.content.skeleton import Skeleton
from sojourn.runtime.content.wire import LIMIT, longest_line
from sojourn.tests.runtime.post import BRAND

LINKS = Links(b"secret", BRAND.base_url)
MJML = """<mjml><mj-head><mj-style>.ž{ content: "ů" }</mj-style></mj-head><mj-body><mj-section><mj-column>
<mj-text>Ahoj {{ contact.first_name }},   {{ contact.note }}</mj-text>
{% for item in event.items %}
<mj-text css-class="x" color="{{ item.colour }}">{{ item.name }} . . {{ item.price|money("EUR") }}
{% if item.price > 5 %}<b>dear</b>{% endif %}</mj-text>
<mj-button href="https://shop.example.com/{{ item.id }}?q={{ item.name }}">Look at {{ item.name }}</mj-button>
{% endfor %}
<mj-image src="https://shop.example.com/{{ event.picture }}.png" alt="{{ contact.note }}" />
</mj-column></mj-section></mj-body></mjml>"""
KEYS = {kind: Signer.of("example.com", "s1", make_key(kind)) for kind in ("rsa-sha256", "ed25519-sha256")}


def compiled() -> Letter:
    subject = "Dárek pro {{ contact.first_name }}"
    return compile_letter({"subject": subject, "preheader": "{{ contact.note }}", "mjml": MJML})


LETTER = compiled()


def data(name: str = "Ada", note: str = "", items: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "contact": {"first_name": name, "note": note},
        "event": {"items": items or [], "picture": "cart"},
        "brand": BRAND.words(),
        "unsubscribe_url": "https://go.example.com/u/t",
    }


def whole(values: dict[str, Any], *signers: Signer) -> bytes:
    made = render(LETTER, values, LINKS, 7, for_the_wire=True)
    assert made.parts is not None
    text, html = made.parts
    return b"".join(
        Skeleton(BRAND, signers).letter(
            message_id=7, to="ada@example.com", subject=made.subject, html=html, text=text, at_ms=1_790_000_000_000,
            unsubscribe_url="https://go.example.com/u/t", campaign="1:2:sojourn",
        )
    )  # fmt: skip


def read(raw: bytes) -> tuple[str, str]:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects and not [part.defects for part in message.iter_parts() if part.defects]
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    assert html is not None and text is not None
    return html.get_content(), text.get_content()


def words(page: str) -> str:
    """A page without the difference between blanks, line breaks and references."""
    plain = unescape(page).replace("\\17e ", "ž").replace("\\16f ", "ů")
    return re.sub(r"\s+", " ", plain).replace("> <", "><").strip()


LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
HARD = ["", " a ", "<b>&amp;", "a\r\n.\r\nb", "x" * 2_000, "ž " * 400, "\t.", "=3D"]
TEXTS = st.text(LETTERS, max_size=60) | st.sampled_from(HARD)
COLOURS = st.sampled_from(["red", "#fff"])
ITEMS = st.lists(
    st.fixed_dictionaries({"name": TEXTS, "price": st.floats(0, 1e6), "id": st.integers(0, 10**9), "colour": COLOURS}),
    max_size=3,
)


@given(TEXTS, TEXTS, ITEMS)
@settings(max_examples=60)
def test_it_says_what_the_slower_form_says(name: str, note: str, items: list[dict[str, Any]]) -> None:
    slow = render(LETTER, data(name, note, items), LINKS, 7)
    raw = whole(data(name, note, items))
    html, text = read(raw)

    assert words(html) == words(slow.html)
    assert re.sub(r"\s+", " ", text).strip() == re.sub(r"\s+", " ", slow.text).strip()
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines)
    raw.decode("ascii")


class Shelf(dict[str, Any]):
    """What a letter gets as products: the same two, however it asks."""

    def get(self, key: Any, default: Any = None) -> Any:
        return [{"title": "Boot", "price": 1, "currency": "EUR"}, {"title": "Sock", "price": 2, "currency": "EUR"}]


def test_the_text_part_has_one_empty_line_where_many_stood() -> None:
    blocks = [new_block(kind) for kind in ("product_grid", "coupon", "footer")]
    letter = compile_letter({"subject": "Hi", "blocks": [{**one, "id": one["kind"]} for one in blocks]})
    told = {**data(), "_products": Shelf()}
    parts = render(letter, told, LINKS, 7, for_the_wire=True).parts
    assert parts is not None
    text = quopri.decodestring(parts[0]).decode()
    assert "Boot" in text and "Sock" in text and "\r\nUnsubscribe" in text
    assert "\r\n\r\n\r\n" not in text and "  \r\n" not in text and text[0] != "\r"


@given(TEXTS, ITEMS, st.sampled_from(sorted(KEYS)))
@settings(max_examples=40)
def test_a_signature_verifies(name: str, items: list[dict[str, Any]], algorithm: str) -> None:
    signer = KEYS[algorithm]
    raw = whole(data(name, "", items), signer)

    def records(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.example.com."
        return signer.record.encode()

    assert dkim.verify(raw, dnsfunc=records)
    assert not dkim.verify(raw.replace(b"Ahoj", b"Ahoy"), dnsfunc=records)
    assert not dkim.verify(raw.replace(b"\r\nSubject:", b"\r\nSubject: other\r\nSubject:"), dnsfunc=records)


def test_both_signatures_stand_beside_each_other() -> None:
    raw = whole(data(), *KEYS.values())
    assert raw.count(b"DKIM-Signature:") == 2
    for place, signer in enumerate(KEYS.values()):
        record = signer.record.encode()
        assert dkim.DKIM(raw).verify(place, dnsfunc=lambda name, timeout=5, record=record: record)


def test_what_is_known_of_nobody_is_listed_and_too_much_is_refused() -> None:
    made = render(LETTER, {**data(), "contact": {}}, LINKS, 7, for_the_wire=True)
    assert set(made.missing) >= {"contact.first_name", "contact.note"} or "first_name" in made.missing
    with pytest.raises(BrokenLetter):
        render(LETTER, data(items=[{"name": "x", "price": 1}] * 6_000), LINKS, 7, for_the_wire=True)


def test_a_letter_with_kept_blanks_goes_the_slower_way() -> None:
    letter = compile_letter(
        {"subject": "x", "mjml": MJML.replace("<b>dear</b>", "<pre>a  b</pre>")},
    )
    assert letter.wire is None
    assert render(letter, data(), LINKS, 7, for_the_wire=True).html


def test_lines_are_short() -> None:
    made = render(LETTER, data(note="word " * 500), LINKS, 7, for_the_wire=True)
    assert made.parts is not None and longest_line(made.parts[1]) <= LIMIT


@pytest.mark.parametrize("pem", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_only_keys_are_keys(pem: str) -> None:
    with pytest.raises(NoKey):
        Signer.of("example.com", "s", pem)


def test_letters_of_another_sender_have_another_frame() -> None:
    other = Skeleton(replace(BRAND, sender_name="Kůň, s.r.o."))
    raw = b"".join(other.letter(message_id=1, to="a@example.com", subject="x", html=b"", text=b"", at_ms=1))
    assert message_from_bytes(raw, policy=default)["From"].addresses[0].display_name == "Kůň, s.r.o."
