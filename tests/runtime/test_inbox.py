"""The mailbox for trying things out, and the story of a message that went there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sojourn.runtime.channels.inbox import Inbox, clear, letter, letters
from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.explain import NoSuchMessage, explain
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import journey, outbox, states


def send(db: Database, url: str) -> None:
    async def go() -> None:
        box = outbox(db, Smtp(Server.parse(url)))
        await box.run_once()
        await box.close()

    asyncio.run(go())


def test_letters_can_be_read_and_old_ones_go(db: Database, tmp_path: Path) -> None:
    journey(db, 12)
    folder = tmp_path / "mail"
    inbox = Inbox(folder, kept=10)
    inbox.start()
    send(db, inbox.url)
    inbox.stop()
    assert states(db) == {"sent": 12}
    found = letters(folder)
    assert 10 <= len(found) <= 12
    (line,) = letters(folder, "U12@example")
    assert (line.subject, line.to) == ("Hi Name12", "u12@example.com")
    received = letter(folder, line.key)
    assert received
    assert "Hello Name12, your red hat" in received.html
    assert "Hello Name12, your red hat" in received.text
    assert dict(received.headers)["X-Sojourn-Message"] == "12"
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in received.source
    assert letters(folder, limit=3) == found[:3]
    assert clear(folder) == len(found)
    assert letter(folder, line.key) is None
    assert letters(tmp_path / "nothing") == []


def test_a_message_is_explained_from_entry_to_result(db: Database, tmp_path: Path) -> None:
    journey(db, 2)
    db.write(lambda tx: tx.insert("paths", "id,version_id,steps", [(1, 1, "0:next 0:queued")]))
    db.write(lambda tx: tx.insert("walks", "enrollment_id,seq,path_id,at", [(1, 1, 1, 1_790_000_000_000)]))
    db.write(lambda tx: tx.run("UPDATE contacts SET erased_at = 1 WHERE id = 2"))
    inbox = Inbox(tmp_path / "mail")
    inbox.start()
    send(db, inbox.url)
    inbox.stop()
    words = db.look(lambda tx: explain(tx, 1)).words()
    told = "\n".join(words)
    for part in (
        "u1@example.com",
        "journey Cart",
        "event added",
        "approved by eve@example.com",
        "went mail → mail.",
        "the step mail queued the letter hello",
        "go. Nothing stands against it. (known:",
        "consent = unknown",
        "sent. Kept",
        "Result: It was handed over and accepted.",
    ):
        assert part in told
    assert "Result: It was not sent. The contact was erased." in db.look(lambda tx: explain(tx, 2)).words()
    with pytest.raises(NoSuchMessage):
        db.look(lambda tx: explain(tx, 99))
