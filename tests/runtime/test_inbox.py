"""The mailbox for trying things out, and the story of a message that went there."""

from __future__ import annotations

import asyncio
import time
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
    assert "Hello Name12, your red hat" in " ".join(received.html.split())
    assert "Hello Name12, your red hat" in " ".join(received.text.split())
    assert dict(received.headers)["X-Sojourn-Message"] == "12"
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in received.source
    assert letters(folder, limit=3) == found[:3]
    assert clear(folder) == len(found)
    assert letter(folder, line.key) is None
    assert letters(tmp_path / "nothing") == []


def drop(folder: Path, number: int, subject: str) -> Path:
    """Put a letter where a mail server would."""
    path = folder / "new" / f"{1_700_000_000 + number}.M1P1Q{number}.here"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Subject: {subject}\nFrom: shop@example.com\nTo: u{number}@example.org\n\nHello\n", "utf-8")
    return path


def test_a_search_opens_only_the_letters_it_has_not_seen(tmp_path: Path) -> None:
    paths = [drop(tmp_path, number, f"Letter {number}") for number in range(20)]
    assert [line.to for line in letters(tmp_path, "letter 7")] == ["u7@example.org"]
    drop(tmp_path, 99, "=?utf-8?q?V=C3=A1=C5=A1_ko=C5=A1=C3=ADk?=").rename(tmp_path / "new" / "1.M1P1Q1.here")
    assert [line.subject for line in letters(tmp_path, "VÁŠ koš")] == ["Váš košík"]
    for path in paths[1:]:
        path.write_text("Subject: changed behind our back\n\n", "utf-8")
    paths[0].unlink()
    drop(tmp_path, 20, "Letter 20")
    assert [line.subject for line in letters(tmp_path, "letter", limit=2)] == ["Letter 20", "Letter 19"]
    assert letters(tmp_path, "behind our back") == [], "a letter never changes, so it is read once"
    assert letters(tmp_path, "Letter 0") == [], "it is gone"
    (line,) = letters(tmp_path, "U20@EXAMPLE")
    (tmp_path / "cur").mkdir()
    drop(tmp_path, 20, "Letter 20").rename(tmp_path / "cur" / f"{line.key}:2,S")
    moved = letter(tmp_path, line.key)
    assert moved and moved.line.subject == letters(tmp_path, "u20@")[0].subject == "Letter 20"


def test_a_search_through_thousands_is_quick_the_second_time(tmp_path: Path) -> None:
    for number in range(3_000):
        drop(tmp_path, number, f"Letter {number}")
    letters(tmp_path, "nothing like it")
    began = time.perf_counter()
    assert letters(tmp_path, "nothing like it") == []
    assert time.perf_counter() - began < 0.25


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
        "consent = granted",
        "sent. Kept",
        "Result: It was handed over and accepted.",
    ):
        assert part in told
    assert "Result: It was not sent. The contact was erased." in db.look(lambda tx: explain(tx, 2)).words()
    with pytest.raises(NoSuchMessage):
        db.look(lambda tx: explain(tx, 99))
