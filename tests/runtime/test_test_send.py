"""A test letter goes to people who work here and to nobody else, and says what a mail server said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from sojourn.app.instance import Instance
from sojourn.runtime import settings
from sojourn.runtime.templates.test_send import MOST, NotTested, test_send
from sojourn.storage import users
from sojourn.storage.columns import dump

from .post import Post

LETTER = {
    "subject": "Hello {{ contact.first_name }}",
    "blocks": [{"id": "b1", "kind": "text", "settings": {"text": "<p>Hi {{ contact.first_name }}</p>"}}],
    "languages": {"cs": {"subject": "Ahoj {{ contact.first_name }}"}},
}


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


@pytest.fixture
def here(tmp_path: Path, post: Post) -> Iterator[Instance]:
    instance = Instance.create(tmp_path / "home", smtp_url=f"smtp://127.0.0.1:{post.port}")
    ada = (7, "ada@example.org", dump({"first_name": "Ada"}), 1, 1)
    instance.db.write(lambda tx: tx.insert("contacts", "id,email,properties,created_at,changed_at", [ada]))
    instance.db.write(lambda tx: settings.save(tx, "sender_address", "news@example.com"))
    instance.db.write(lambda tx: users.add_user(tx, "ann@example.com", "x", "x", 1))
    yield instance
    instance.close()


def sent(here: Instance, to: str, **given: Any) -> str:
    return asyncio.run(test_send(here, LETTER, to, contact_id=7, **given))


def test_it_arrives_marked_and_counted_nowhere(here: Instance, post: Post) -> None:
    assert sent(here, "Ann@example.com").startswith("Sent to ann@example.com, marked [Test].")
    assert sent(here, "ann@example.com", language="cs").startswith("Sent to")
    first, second = (message_from_bytes(raw, policy=policy.default) for _, raw in post.letters)
    assert (first["subject"], first["to"], first["from"]) == (
        "[Test] Hello Ada",
        "ann@example.com",
        "Sojourn <news@example.com>",
    )
    assert second["subject"] == "[Test] Ahoj Ada"
    assert first["list-unsubscribe"] is None
    with here.db.read() as tx:
        assert tx.value("SELECT count(*) FROM messages") == 0
        assert next((one.action, one.subject) for one in users.trail(tx)) == ("template.test", "ann@example.com")


def test_nobody_else_can_be_made_to_get_one(here: Instance, post: Post) -> None:
    for stranger in (
        "ada@example.org",
        "ann@example.com, ada@example.org",
        "ann@example.com\r\nBcc: x@example.org",
        "",
    ):
        with pytest.raises(NotTested, match="only to people who sign in here"):
            sent(here, stranger)
    here.db.write(lambda tx: users.add_user(tx, "bob@example.com", "x", "x", 1))
    bob = here.db.look(lambda tx: users.user_by_email(tx, "bob@example.com"))
    here.db.write(lambda tx: users.disable(tx, bob.id or 0, 2))  # type: ignore[union-attr]
    with pytest.raises(NotTested, match="only to people"):
        sent(here, "bob@example.com")
    now_ms = here.clock.now_ms()
    for _ in range(MOST):
        here.db.write(lambda tx: users.note(tx, "ann@example.com", "template.test", "ann@example.com", now_ms))
    with pytest.raises(NotTested, match="within an hour"):
        sent(here, "ann@example.com")
    assert post.letters == []


def test_what_the_mail_server_says_is_said(here: Instance, post: Post) -> None:
    post.rcpt = lambda address: "550 5.1.1 no such mailbox"
    with pytest.raises(NotTested, match=r"was not sent\. It was not taken: 550 .*no such mailbox"):
        sent(here, "ann@example.com")
    broken = {**LETTER, "subject": "{{ contact."}
    with pytest.raises(NotTested, match="cannot be sent as it is"):
        asyncio.run(test_send(here, broken, "ann@example.com"))
