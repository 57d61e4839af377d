"""Somebody is erased while something of theirs is under way: what comes back afterwards names nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.runtime.governance.privacy import erase
from sojourn.storage import erasing
from sojourn.storage.database import Database
from sojourn.storage.scrubbing import found_in
from sojourn.tests.runtime.post import NOW, Post, journey, message, outbox, smtp

THEIRS = "u1@example.com"


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("550 5.1.1 <u1@example.com>: no such user", "failed"),
        ("552 5.2.2 the mailbox of <u1@example.com> is full", "failed"),
        ("451 4.3.0 <u1@example.com> is busy", "skipped"),
        ("250 OK, taken for u1@example.com", "sent"),
    ],
)
def test_the_servers_answer_to_a_letter_that_was_under_way_names_nobody(
    db: Database, post: Post, answer: str, status: str
) -> None:
    """The letter has left when its reader is erased; only then does the server say what it thinks of it."""
    journey(db, 2)
    leaving, go_on = threading.Event(), threading.Event()

    def slow(address: str) -> str:
        if address != THEIRS:
            return "250 OK"
        leaving.set()
        assert go_on.wait(20)
        return answer

    post.data = slow

    async def go() -> None:
        box = outbox(db, smtp(post, body_s=20), senders=1)
        sending = asyncio.ensure_future(box.run_once())
        assert await asyncio.to_thread(leaving.wait, 20)
        await asyncio.to_thread(erase, db, None, 1, "privacy@example.com", NOW)
        go_on.set()
        await sending
        await box.run_once()
        await box.close()

    asyncio.run(go())

    assert message(db, 1)[0] == status
    assert db.look(lambda tx: list(erasing.mentioned(tx, THEIRS))) == []
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM decisions WHERE message_id = 1")) >= 1
    if not db.postgres:
        assert not found_in(Path(db.url.removeprefix("sqlite:///")), [THEIRS.encode()])
