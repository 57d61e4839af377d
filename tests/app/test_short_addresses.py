"""Short addresses in texts: made here or refused, counted for people, leading only where they were written to."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.app.api import preferences, short
from sojourn.app.instance import Instance
from sojourn.runtime.channels.channel import media
from sojourn.runtime.chores.short_links import CHORE, KEPT_MS
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.codes import ALPHABET, LEAVE, Codes, ForgedLink
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.content.links import Links
from sojourn.runtime.content.rendered import Rendered
from sojourn.storage import short_links
from sojourn.storage.columns import to_ms
from sojourn.tests.app.asking import Client

AT = to_ms(datetime(2026, 1, 1, tzinfo=UTC))
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"}
SHOP = "https://shop.example.com/cart?a=1&b=2"


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Iterator[Instance]:
    opened = Instance.create(tmp_path / "home", database_url=database_url)
    opened.db.write(
        lambda tx: tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,sent_at,attempts",
            [(5, 1, 1, 0, 1, 1, 9, "sms", "hello", "sent", AT, AT, AT, 1)],
        )
    )
    opened.db.write(
        lambda tx: tx.insert(
            "contacts", "id,phone,properties,created_at,changed_at", [(9, "+420601123456", "{}", AT, AT)]
        )
    )
    yield opened
    opened.close()


@pytest.fixture
def client(instance: Instance) -> Client:
    return Client(short.routes(instance), preferences.routes(instance))


def written(instance: Instance, text: str) -> Rendered:
    """The text filled, and its addresses written down as when it leaves."""
    links = Links(instance.secrets.derive("links")).at("https://news.example.com", "https://go.example.com")
    filled = fill_form(compile_form({"medium": "sms", "text": text}, media()["sms"]), {}, links, 5)
    instance.db.write(lambda tx: short_links.add(tx, [(code, 5, url) for code, url in filled.short], AT))
    return filled


def clicked(instance: Instance) -> bool:
    row = instance.db.look(lambda tx: tx.one("SELECT clicked_at FROM messages WHERE id = 5"))
    return bool(row and row[0])


def test_a_person_is_led_on_and_counted_and_a_machine_is_not(instance: Instance, client: Client) -> None:
    text = written(instance, f"Come back: {SHOP}, or {SHOP}. Or https://www.example.com!").fields["text"]
    first = text.split()[2].rstrip(",")
    assert text == f"Come back: {first}, or {first}. Or {text.split()[-1]}"
    assert first.startswith("https://go.example.com/s/") and len(first.rpartition("/")[2]) == 8
    for headers in ({"user-agent": "WhatsApp/2.24"}, PHONE | {"sec-purpose": "prefetch"}, {"user-agent": ""}):
        assert client.get(first, headers=headers).headers["location"] == SHOP
    assert client.ask("HEAD", first, headers=PHONE).status_code == 302
    assert not clicked(instance)
    answer = client.get(first + "?url=https://evil.example.com", headers=PHONE)
    assert (answer.status_code, answer.headers["location"]) == (302, SHOP)
    assert clicked(instance)


def test_what_was_made_up_is_refused_without_the_store(instance: Instance, client: Client) -> None:
    code = written(instance, SHOP).short[0][0]
    asked, read = [], instance.db.aread

    async def counted(job: Any) -> Any:
        asked.append(1)
        return await read(job)

    instance.db.aread = counted  # type: ignore[method-assign]
    chance = random.Random(7)
    made_up = ["".join(chance.choices(ALPHABET, k=8)) for _ in range(200)]
    bad = [*made_up, code[:7], code + "0", code.swapcase(), code[:-1] + ("a" if code[-1] != "a" else "b"), "....!!!!"]
    known = [one for one in bad if client.get(f"https://go.example.com/s/{one}").status_code != 404]
    assert not known and len(asked) <= 3  # of 2,048 made-up ones one gets as far as the store, and no further


def test_the_way_out_leads_to_the_page_that_asks_and_changes_nothing(instance: Instance, client: Client) -> None:
    filled = written(instance, "Hello")
    assert filled.short == ()
    answer = client.get(filled.fields["way_out"], headers=PHONE)
    assert answer.status_code == 302 and "/u/" in answer.headers["location"]
    assert client.get(answer.headers["location"]).status_code == 200
    assert not clicked(instance)
    assert not instance.db.look(lambda tx: tx.rows("SELECT 1 FROM consents"))


def test_an_address_grows_too_old(instance: Instance, client: Client) -> None:
    filled = written(instance, SHOP)
    clock = ManualClock(AT + KEPT_MS + 1)
    CHORE.run(SimpleNamespace(db=instance.db, clock=clock))
    answer = client.get(filled.fields["text"], headers=PHONE)
    assert answer.status_code == 404 and "too old" in answer.text


def test_every_message_and_place_has_a_code_of_its_own() -> None:
    codes, other = Codes(b"k" * 16), Codes(b"l" * 16)
    named = [(message, place) for message in [*range(3_000), 2**31, 13_000_000_000] for place in (0, LEAVE)]
    made = [codes.make(*one) for one in named]
    assert len(set(made)) == len(named)
    assert [codes.read(code) for code in made] == named
    refused = 0
    for code in made:
        try:
            other.read(code)
        except ForgedLink:
            refused += 1
    assert refused > 0.99 * len(made)
    with pytest.raises(OverflowError):
        codes.make(14_000_000_000, 0)
