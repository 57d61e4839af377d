"""What is counted of a letter, through the real outbox, by whose word; and the words behind its links."""

from __future__ import annotations

import asyncio
import email
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any, Literal

import pytest

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.counted import Owner, places
from sojourn.runtime.content.letter import LetterProblem, compile_letter, render
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.content.links import Followed
from sojourn.runtime.content.utm import Utm
from sojourn.runtime.outbox import Outbox
from sojourn.runtime.settings import Settings
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import BRAND, LINKS, NOW, Post, journey, smtp

CART = "https://shop.example.com/cart?from=mail#top"
UTM = "utm_source=Acme%20%26%20Sons&utm_medium=email&utm_campaign=cart&utm_content=hello"
TAGGED = f"https://shop.example.com/cart?from=mail&{UTM}#top"
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ contact.first_name }} "
    '<a href="https://shop.example.com/u/{{ contact.first_name }}">you</a></mj-text>'
    f'<mj-button href="{CART}">Back to <b>your</b> cart</mj-button>'
    '<mj-image src="https://shop.example.com/p.png" alt="A hat" href="https://elsewhere.example.net/hat"/>'
    "</mj-column></mj-section></mj-body></mjml>"
)
LETTER = {"subject": "Hi", "mjml": MJML}
OWNER = Owner(tracking_url="https://links.example.com", utm=(("source", "Acme & Sons"),), domains=("shop.example.com",))


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


def sent(db: Database, post: Post, owner: Owner = OWNER) -> dict[str, str]:
    """The HTML of every letter that left, by its receiver."""
    brand = replace(BRAND, counted=owner)
    box = Outbox(db, ManualClock(NOW), {"email": smtp(post)}, Letters(LINKS), lambda: brand, "test")

    async def go() -> None:
        await box.run_once()
        await box.close()

    asyncio.run(go())
    return {to: part_of(body, "html") for to, body in post.letters}


def part_of(body: bytes, kind: Literal["html", "plain"]) -> str:
    message = email.message_from_bytes(body, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def hrefs(html: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]*)"', html) if "/u/" not in href or "shop" in href]


def test_links_lead_through_the_own_domain_to_the_address_with_its_words(db: Database, post: Post) -> None:
    journey(db, 1, letter=LETTER)
    html = sent(db, post)["u1@example.com"]
    assert 'src="https://links.example.com/o/' in html
    followed = [LINKS.read_click(href.rpartition("/")[2]) for href in hrefs(html) if "/c/" in href]
    assert followed == [
        Followed(1, f"https://shop.example.com/u/Name1?{UTM}", 1),
        Followed(1, TAGGED, 2),
        Followed(1, "https://elsewhere.example.net/hat", 3),
    ]
    ways_out = [href for href in re.findall(r'href="([^"]*)"', html) if "go.example.com" in href]
    assert len(ways_out) == 2 and not any("utm_" in href for href in ways_out)


def test_whoever_asked_not_to_be_watched_gets_plain_links_and_no_picture(db: Database, post: Post) -> None:
    journey(db, 2, letter=LETTER)
    db.write(lambda tx: tx.run("INSERT INTO wishes (contact_id, changed_at, language, untracked) VALUES (2, 0, '', 1)"))
    found = sent(db, post)
    assert "/o/" in found["u1@example.com"]
    html = found["u2@example.com"]
    assert "/o/" not in html and "/c/" not in html
    assert TAGGED in hrefs(html) and f"https://shop.example.com/u/Name2?{UTM}" in hrefs(html)


@pytest.mark.parametrize(
    ("tracking", "owner", "opens", "clicks"),
    [
        ({"opens": False}, OWNER, False, True),
        ({"clicks": False}, OWNER, True, False),
        ({}, replace(OWNER, opens=False, clicks=False), False, False),
        ({"opens": True, "clicks": True}, replace(OWNER, opens=False, clicks=False), True, True),
    ],
)
def test_a_letter_says_it_for_itself(
    db: Database, post: Post, tracking: dict[str, Any], owner: Owner, opens: bool, clicks: bool
) -> None:
    journey(db, 1, letter=LETTER | {"tracking": tracking})
    html = sent(db, post, owner)["u1@example.com"]
    assert ("/o/" in html, "/c/" in html) == (opens, clicks)


def test_a_trap_is_hidden_from_people(db: Database, post: Post) -> None:
    journey(db, 1, letter=LETTER)
    html = sent(db, post, replace(OWNER, trap=True))["u1@example.com"]
    found = re.search(r'<a href="https://links.example.com/c/([^"]+)" style="display:none" tabindex="-1"', html)
    assert found and LINKS.read_click(found[1]) == Followed(1, "", -1)


def test_a_letter_has_words_of_its_own(db: Database, post: Post) -> None:
    journey(db, 1, letter=LETTER | {"tracking": {"clicks": False}, "utm": {"campaign": "May sale", "term": "hats"}})
    link = next(href for href in hrefs(sent(db, post)["u1@example.com"]) if "cart" in href)
    assert "utm_campaign=May%20sale&utm_content=hello&utm_term=hats#top" in link


@pytest.mark.parametrize(
    ("url", "tagged"),
    [
        ("https://shop.example.com", "https://shop.example.com?utm_source=a"),
        ("https://SHOP.example.com/?", "https://SHOP.example.com/?utm_source=a"),
        ("https://m.shop.example.com/x?y=1#z", "https://m.shop.example.com/x?y=1&utm_source=a#z"),
        ("https://shop.example.com/?utm_campaign=mine", "https://shop.example.com/?utm_campaign=mine"),
        ("https://example.com/", "https://example.com/"),
        ("https://badshop.example.com/", "https://badshop.example.com/"),
        ("https://[", "https://["),
    ],
)
def test_only_own_links_without_words_get_some(url: str, tagged: str) -> None:
    tag = Utm((("source", "a"), ("medium", "")), ("shop.example.com",))
    assert tag(url) == tagged == tag(url)


def test_own_sites_are_the_senders_domain_unless_they_are_named() -> None:
    assert Owner.of(Settings(sender_address="news@acme.example")).domains == ("acme.example",)
    named = Settings(sender_address="news@acme.example", own_domains="Shop.example.com, *.acme.example")
    assert Owner.of(named).domains == ("shop.example.com", "acme.example")
    assert Owner.of(Settings(sender_address="news@acme.example", utm=False)).domains == ()


def test_a_compiled_letter_knows_its_links_by_place_and_what_they_say() -> None:
    found = places(compile_letter(LETTER).page)
    assert [(place.number, place.label, place.url) for place in found.values()][:3] == [
        (1, "you", "https://shop.example.com/u/…"),
        (2, "Back to your cart", CART),
        (3, "A hat", "https://elsewhere.example.net/hat"),
    ]


def test_the_text_part_has_the_same_links_under_the_same_numbers(db: Database, post: Post) -> None:
    journey(db, 2, letter=LETTER)
    db.write(lambda tx: tx.run("INSERT INTO wishes (contact_id, changed_at, language, untracked) VALUES (2, 0, '', 1)"))
    html = sent(db, post)["u1@example.com"]
    texts = {to: part_of(body, "plain") for to, body in post.letters}
    counted = [href for href in hrefs(html) if "/c/" in href]
    assert re.findall(r"https://links\S+", texts["u1@example.com"]) == counted and len(counted) == 3
    plain = [line.rstrip() for line in texts["u2@example.com"].splitlines()]
    assert f"Hello Name2 you: https://shop.example.com/u/Name2?{UTM}" in plain
    assert f"Back to your cart: {TAGGED}" in plain
    ways_out = [line.partition(": ") for line in plain if "go.example.com" in line]
    assert [word for word, _, _ in ways_out] == ["Unsubscribe", "Choose what you get"]
    assert not any(" " in url or "utm_" in url for _, _, url in ways_out)


TEXT = (
    "Your cart ({{ 'https://kept.example.com' }}): https://shop.example.com/u/{{ contact.first_name }}.\n"
    "{% if contact.first_name %}Only here: https://shop.example.com/new?a={{ contact.first_name }}, twice: "
    "https://shop.example.com/new?a={{ contact.first_name }}\n{% endif %}Bye"
)


def test_in_a_text_written_by_hand_addresses_are_counted_too() -> None:
    letter = compile_letter(LETTER | {"text": TEXT})
    data = {"contact": {"first_name": "A B"}, "brand": {"name": "Acme"}}
    assert render(letter, data).text.splitlines()[:3] == [
        "Your cart (https://kept.example.com): https://shop.example.com/u/A%20B.",
        "Only here: https://shop.example.com/new?a=A%20B, twice: https://shop.example.com/new?a=A%20B",
        "Bye",
    ]
    found = re.findall(r"/c/([\w-]+)", render(letter, data, LINKS, 7).text)
    new = Followed(7, "https://shop.example.com/new?a=A%20B", 6)  # after the three of the page and its two ways out
    old = Followed(7, "https://shop.example.com/u/A%20B", 1)
    assert [LINKS.read_click(token) for token in found] == [old, new, new]
    assert places(letter.page, letter.words)[6].url == "https://shop.example.com/new?a=…"


@pytest.mark.parametrize("part", ["mjml", "text"])
def test_a_letter_with_hundreds_of_links_is_refused_in_a_sentence(part: str) -> None:
    """Each has figures of its own, under a number that has to fit."""
    many = " ".join(f"https://shop.example.com/{place}" for place in range(501))
    inside = "".join(f'<a href="{url}">x</a>' for url in many.split())
    mjml = MJML.replace("Hello", inside)
    with pytest.raises(LetterProblem, match="more than 500 links: keep those"):
        compile_letter(LETTER | ({"mjml": mjml} if part == "mjml" else {"text": many}))
