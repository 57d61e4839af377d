"""On-site messages, webhooks, alerts, tasks and paper through the whole outbox, and what the journey hears of them."""

from __future__ import annotations

import asyncio
import threading
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from sojourn.app.secrets import Secrets
from sojourn.runtime import accounts, on_site
from sojourn.runtime.accounts import Given
from sojourn.runtime.channels.channel import open_all
from sojourn.runtime.channels.switchboard import Switchboard
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.outbox import Outbox
from sojourn.storage import crm_tasks, mail_pieces
from sojourn.storage.columns import dump, load
from sojourn.storage.database import Database

from .post import BRAND, LINKS, NOW, Post, enrollment, journey, message, states
from .systems import System

ADDRESS = {"first_name": "Ann", "last_name": "Hill", "street": "A 1", "postcode": "110 00", "city": "Praha"}


def house(db: Database, home: Path, *given: dict[str, Any]) -> Any:
    config = {"home": str(home), "private_hosts": ["127.0.0.1"], "base_url": BRAND.base_url}
    parts = SimpleNamespace(db=db, clock=ManualClock(NOW), config=config, secrets=Secrets(b"s" * 32), shelf=None)
    for one in given:
        db.write(lambda tx, one=one: accounts.keep(tx, parts, Given.model_validate(one), "ann", NOW))
    return parts


def step(db: Database, count: int, channel: str, settings: dict[str, Any]) -> None:
    """Messages of a step that carries what it says in its own settings."""
    journey(db, count, message_type="transactional")
    content = load(db.look(lambda tx: tx.value("SELECT content FROM versions")))
    content["nodes"]["mail"] = {"kind": channel, "settings": settings, "next": {}}
    said = dump(content)
    digest = sha256(said.encode()).hexdigest()
    change = "UPDATE versions SET content = ?, content_hash = ?, approved_hash = ?"
    db.write(lambda tx: tx.run(change, (said, digest, digest)))
    db.write(lambda tx: tx.run("UPDATE messages SET channel = ?, content = '@mail'", (channel,)))


def send(parts: Any) -> None:
    async def go() -> None:
        board = Switchboard(open_all(accounts.tools(parts)), parts.db, accounts.opener(parts))
        box = Outbox(parts.db, parts.clock, board, Letters(LINKS), lambda: BRAND, "test")
        await box.run_once()
        await box.close()

    asyncio.run(go())


def test_a_webhook_asks_and_the_profile_learns(db: Database, tmp_path: Path) -> None:
    with System(answer=lambda heard: (200, {}, b'{"customer": {"score": 7}}')) as system:
        account = {"name": "crm", "medium": "webhook", "carrier": "http", "settings": {"url": system.url, "token": "t"}}
        parts = house(db, tmp_path, account)
        body = '{"n": "{{ contact.first_name }}", "i": "{{ event.item }}"}'
        step(db, 3, "webhook", {"account": "crm", "body": body, "learn": {"score": "customer.score"}})
        send(parts)
        send(parts)
    assert states(db) == {"sent": 3} and enrollment(db, 2)[1] == "sent"
    assert sorted(orjson.loads(one.body)["n"] for one in system.heard) == ["Name1", "Name2", "Name3"]
    known = db.look(lambda tx: tx.rows("SELECT properties FROM contacts ORDER BY id"))
    assert [load(row[0])["score"] for row in known] == [7, 7, 7]
    assert "Bearer t" not in str(db.look(lambda tx: tx.rows("SELECT settings FROM accounts")))


def test_a_webhook_that_says_no_is_a_failure_the_journey_hears_of(db: Database, tmp_path: Path) -> None:
    with System(answer=lambda heard: (422, {}, b"no such customer")) as system:
        account = {"name": "crm", "medium": "webhook", "carrier": "http", "settings": {"url": system.url}}
        parts = house(db, tmp_path, account)
        step(db, 1, "webhook", {})
        send(parts)
    assert message(db, 1)[0] == "failed" and "no such customer" in message(db, 1)[1]
    assert enrollment(db, 1)[1] == "failed"


def test_a_task_and_an_on_site_message_need_no_account(db: Database, tmp_path: Path) -> None:
    step(db, 2, "crm_task", {"title": "Call {{ contact.first_name }}", "value": "12.50"})
    parts = house(db, tmp_path)
    send(parts)
    assert states(db) == {"sent": 2}
    assert [one.title for one in db.look(crm_tasks.everyone)] == ["Call Name1", "Call Name2"]


def test_an_on_site_message_stands_among_the_letters_and_its_link_is_counted(db: Database, tmp_path: Path) -> None:
    said = {"medium": "in_app", "text": "Your {{ event.item }}", "button": "Look", "url": "https://shop.example.com/x"}
    journey(db, 1, message_type="transactional", letter=said)
    db.write(lambda tx: tx.run("UPDATE messages SET channel = 'in_app'"))
    send(house(db, tmp_path))
    assert states(db) == {"sent": 1}
    (one,) = db.look(lambda tx: on_site.waiting(tx, 1, "https://shop.example.com/", NOW))
    assert one["text"] == "Your red hat"
    assert LINKS.read_click(one["url"].rpartition("/")[2]) == (1, "https://shop.example.com/x", 0)


@pytest.mark.parametrize("complete", [True, False])
def test_paper_goes_to_complete_addresses(db: Database, tmp_path: Path, complete: bool) -> None:
    letter = {"medium": "direct_mail", "letter": "Dear {{ contact.first_name }}"}
    journey(db, 1, message_type="transactional", letter=letter)
    who = dump(ADDRESS if complete else {**ADDRESS, "city": ""})
    db.write(lambda tx: tx.run("UPDATE messages SET channel = 'direct_mail'"))
    db.write(lambda tx: tx.run("UPDATE contacts SET properties = ?", (who,)))
    said = {"sender": "Acme, 1 Main St", "home_country": "CZ", "price": 2, "currency": "EUR"}
    send(house(db, tmp_path, {"name": "printer", "medium": "direct_mail", "carrier": "batch", "settings": said}))
    if complete:
        assert db.look(mail_pieces.waiting) == {"printer": (1, NOW)}
        assert db.look(lambda tx: tx.one("SELECT status, units, cost, account FROM messages")) == (
            "sent", 1, 2_000_000, "printer",
        )  # fmt: skip
    else:
        assert message(db, 1)[:2] == ("failed", "No postal address: the city is missing.")
        assert enrollment(db, 1)[1] == "no_address"


def test_letters_do_not_wait_behind_a_system_that_is_slow(db: Database, tmp_path: Path) -> None:
    """A hundred and sixty older webhooks stand first in line, and none of them is answered before the letters went."""
    post, gone = Post().start(), threading.Event()

    def taken(address: str) -> str:
        if len(post.letters) >= 39:
            gone.set()
        return "250 OK"

    post.data = taken
    with System(answer=lambda heard: (200 if gone.wait(20) else 500, {}, b"{}")) as system:
        account = {"name": "crm", "medium": "webhook", "carrier": "http", "settings": {"url": system.url}}
        parts = house(db, tmp_path, account)
        parts.config["smtp_url"] = f"smtp://127.0.0.1:{post.port}?starttls=no"
        step(db, 200, "webhook", {})
        letters = "UPDATE messages SET channel = 'email', content = 'hello', due_at = due_at + 1 WHERE id > 160"
        db.write(lambda tx: tx.run(letters))
        parts.clock.set(NOW + 1)
        send(parts)
    post.stop()
    assert states(db) == {"sent": 200} and len(post.letters) == 40
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM messages WHERE attempts = 1")) == 200
