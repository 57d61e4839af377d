"""The demo's journeys walked: letters with names and carts arrive at a real mail server, and a purchase stops them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sojourn.app import demo
from sojourn.app.demo_shoppers import Shoppers
from sojourn.app.instance import Instance, KeptClock
from sojourn.runtime import ingest
from sojourn.runtime.channels import inbox
from sojourn.storage import activity

HOUR = 3_600_000
CART = {
    "products": [
        {"product_id": "p09", "name": "Lantern tent for two", "category": "Camp", "price": 289, "picture": "tent"},
        {"product_id": "p05", "name": "Merino socks", "category": "Small things", "price": 24, "picture": "socks"},
    ],
    "items": 2,
    "total": 313,
    "currency": "EUR",
}


@pytest.fixture
def post(tmp_path: Path) -> Iterator[inbox.Inbox]:
    """A mail server."""
    office = inbox.Inbox(tmp_path / "home" / "inbox")
    office.start()
    yield office
    office.stop()


@pytest.fixture
def instance(tmp_path: Path, post: inbox.Inbox) -> Iterator[Instance]:
    """A demo that nobody has visited yet."""
    made = Instance.create(tmp_path / "home", clock="manual", smtp_url=post.url)
    demo.prepare(made, people=40, days=0)
    yield made
    made.close()


def happens(instance: Instance, *messages: dict[str, Any]) -> None:
    receipt = asyncio.run(ingest.accept(instance.db, instance.shelf, instance.clock, messages, "test"))
    assert receipt.stored == len(messages) and not receipt.rejected


def passes(instance: Instance, hours: float) -> None:
    asyncio.run(instance.runtime.advance(int(hours * HOUR)))


def somebody(user: str, name: str) -> dict[str, Any]:
    traits = {
        "email": f"{user}@example.com",
        "first_name": name,
        "timezone": "Europe/Prague",
        "consents": {"email": {"marketing": True}},
    }
    return {"type": "identify", "userId": user, "traits": traits}


def did(user: str, event: str) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": event, "properties": CART if event != "subscribed" else {}}


def subjects(instance: Instance, user: str) -> list[str]:
    return [line.subject for line in reversed(inbox.letters(instance.home / "inbox", f"{user}@example.com"))]


def test_carts_are_remembered_and_a_purchase_stops_it(instance: Instance) -> None:
    people = {"ada": "Ada", "bo": "Bo", "cleo": "Cleo"}
    happens(instance, *(somebody(*one) for one in people.items()), *(did(user, "added_to_cart") for user in people))
    passes(instance, 0.5)
    happens(instance, did("bo", "purchased"))
    passes(instance, 14)  # by then it is day somewhere in between, wherever the test began
    assert subjects(instance, "ada") == ["Ada, your cart is waiting"]
    assert subjects(instance, "bo") == []
    [line] = inbox.letters(instance.home / "inbox", "ada@example.com")
    letter = inbox.letter(instance.home / "inbox", line.key)
    assert letter
    assert (
        "Lantern tent for two" in letter.html and "Merino socks" in letter.text and "€313.00" in unescape(letter.html)
    )
    assert any(name == "List-Unsubscribe-Post" for name, _ in letter.headers)
    assert abs(line.at.timestamp() * 1000 - instance.clock.now_ms()) < 15 * HOUR

    happens(instance, did("cleo", "purchased"))
    passes(instance, 34)
    assert subjects(instance, "ada") == ["Ada, your cart is waiting", "Shall we put it back, Ada?"]
    assert subjects(instance, "cleo") == ["Cleo, your cart is waiting"]
    assert subjects(instance, "bo") == []


def test_newcomers_are_greeted_and_buyers_thanked(instance: Instance) -> None:
    happens(
        instance, somebody("dan", "Dan"), somebody("eva", "Eva"), did("dan", "subscribed"), did("eva", "subscribed")
    )
    passes(instance, 1)
    assert subjects(instance, "dan") == ["Welcome to the trail, Dan"]
    happens(instance, did("eva", "purchased"))
    passes(instance, 48)
    assert subjects(instance, "eva") == ["Welcome to the trail, Eva", "Thank you, and how to make it last"]
    assert subjects(instance, "dan")[1] in ("What our own people pack for a day out", "Where will you go first, Dan?")


def test_shoppers_bring_letters_and_rest_when_time_rests(instance: Instance) -> None:
    clock, shoppers = instance.clock, Shoppers(instance)
    assert isinstance(clock, KeptClock)

    def seen() -> tuple[int, int]:
        return instance.db.look(activity.events_so_far), len(inbox.letters(instance.home / "inbox"))

    before = seen()
    shoppers.start()
    clock.set(clock.now_ms(), 7_200)  # two hours a second, so that the test need not wait for the day
    until = time.monotonic() + 15
    while time.monotonic() < until and not all(now > then for now, then in zip(seen(), before, strict=True)):
        time.sleep(0.2)
    assert all(now > then for now, then in zip(seen(), before, strict=True))
    clock.set(clock.now_ms(), 0)
    time.sleep(1.5)  # what was under way
    still = instance.db.look(activity.events_so_far)
    time.sleep(1.5)
    assert instance.db.look(activity.events_so_far) == still
    shoppers.stop()
