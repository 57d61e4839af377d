"""Somebody is erased while something of theirs is under way: what comes back afterwards names nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime.governance import privacy
from sojourn.runtime.governance.privacy import erase
from sojourn.runtime.ingest import accept
from sojourn.storage import erasing, people
from sojourn.storage.columns import load
from sojourn.storage.database import Database, Tx
from sojourn.storage.messages import Result
from sojourn.storage.scrubbing import found_in
from sojourn.tests.runtime.post import NOW, Post, journey, message, outbox, smtp

from .conftest import Stage, until_somebody_waits_for_a_lock

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


def test_what_a_system_answers_about_somebody_erased_meanwhile_is_not_learnt(db: Database) -> None:
    journey(db, 2)
    box = outbox(db, smtp(Post()))
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'sending', worker = ?", (box.worker,)))
    db.write(lambda tx: erasing.forget(tx, [1], [], NOW))
    done = [Result(key, "sent", "taken", attempted=True, learnt=(("nickname", "Nancy"),)) for key in (1, 2)]
    db.write(lambda tx: box.record(tx, done))
    db.write(lambda tx: people.learn(tx, [(1, {"nickname": "Nancy"})], NOW))
    known = db.look(lambda tx: [load(said) for (said,) in tx.rows("SELECT properties FROM contacts ORDER BY id")])
    assert "nickname" not in known[0] and known[1]["nickname"] == "Nancy"


def test_who_is_erased_while_they_are_being_recognised_is_not_written_into_the_empty_shell(stage: Stage) -> None:
    """They do something just then: it is known by name already, and waits for the erasure to let go of the row."""
    if not stage.db.postgres:
        pytest.skip("one writer: nobody waits in the middle")

    def tell(*said: dict[str, Any]) -> None:
        asyncio.run(accept(stage.db, stage.shelf, stage.clock, list(said), "test"))

    traits = {"email": THEIRS, "first_name": "Ada"}
    tell({"type": "identify", "userId": "ada", "traits": traits})
    ((ada,),) = stage.rows("SELECT id FROM contacts")
    forgotten = threading.Event()

    def erasing_slowly(tx: Tx) -> None:
        privacy._forget(tx, ada, "privacy@example.com", NOW)
        forgotten.set()
        until_somebody_waits_for_a_lock(stage.db)

    eraser = threading.Thread(target=stage.db.write, args=(erasing_slowly,))
    eraser.start()
    assert forgotten.wait(10)
    tell({"type": "identify", "userId": "ada", "traits": {**traits, "first_name": "Ada L."}})
    eraser.join(10)

    assert stage.rows("SELECT email, external_id FROM contacts WHERE id = ?", ada) == [(None, None)]
    assert stage.rows("SELECT count(*) FROM events WHERE contact_id = ?", ada) == [(0,)]
    newcomer = stage.rows("SELECT email FROM contacts WHERE erased_at IS NULL")
    assert newcomer == [(THEIRS,)] == stage.rows("SELECT address FROM suppressions")
