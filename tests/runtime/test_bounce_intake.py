"""What came back by mail is taken in: once, about the right letter, and nothing on a stranger's word alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.app.secrets import Secrets
from sojourn.runtime import notices
from sojourn.runtime.bounces import mailbox
from sojourn.runtime.bounces.intake import NOBODY, NOT_OURS, UNPROVEN, take_in
from sojourn.runtime.chores import bounces as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.program import ProgramShelf
from sojourn.storage.database import Database

from .post import NOW, journey
from .returned import Imap, complaint, dsn, message_id, prose

P1, P2 = "p1@example.com", "p2@example.com"


@pytest.fixture
def parts(db: Database, tmp_path: Path) -> SimpleNamespace:
    """Three contacts, each of whom was sent a letter an hour ago."""
    journey(db, 3)
    db.write(lambda tx: tx.run("DELETE FROM events"))  # their numbers were given by hand
    db.write(lambda tx: tx.run("UPDATE contacts SET email = 'p' || id || '@example.com'"))
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'sent', sent_at = ?", (NOW - 3_600_000,)))
    config = {"home": str(tmp_path)}
    return SimpleNamespace(
        db=db, clock=ManualClock(NOW), shelf=ProgramShelf(), config=config, secrets=Secrets(b"s" * 32)
    )


def taken(parts: Any, raw: bytes, **more: Any) -> str:
    (one,) = take_in(parts.db, parts.shelf, parts.clock, raw, **more)
    return one.done


def status(parts: Any, number: int) -> str:
    return parts.db.look(lambda tx: tx.value("SELECT status FROM messages WHERE id = ?", (number,)))


def suppressed(parts: Any) -> list[str]:
    return [row[0] for row in parts.db.look(lambda tx: tx.rows("SELECT reason FROM suppressions ORDER BY 1"))]


def setbacks(parts: Any) -> list[tuple[Any, ...]]:
    return [
        tuple(row) for row in parts.db.look(lambda tx: tx.rows("SELECT contact_id, kind, message_id FROM setbacks"))
    ]


def test_a_mailbox_that_is_gone_is_left_alone_and_told_once(parts: Any) -> None:
    raw = dsn(P1, "5.1.1", "550 5.1.1 user unknown", letter=message_id(1, P1))
    assert "not written to again" in taken(parts, raw)
    assert "taken in before" in taken(parts, raw)
    assert "taken in before" in taken(parts, raw + b"\n"), "another copy of the same report"
    assert (status(parts, 1), len(suppressed(parts)), setbacks(parts)) == ("failed", 1, [(1, "bounce", 1)])


@pytest.mark.parametrize(
    ("code", "said"),
    [("5.2.2", "552 mailbox full"), ("5.7.1", "554 5.7.1 refused by policy"), ("5.7.1", "554 5.7.1 spam")],
)
def test_a_full_mailbox_or_a_filter_costs_the_letter_alone(parts: Any, code: str, said: str) -> None:
    taken(parts, dsn(P2, code, said, letter=message_id(2, P2)))
    assert (status(parts, 2), suppressed(parts)) == ("failed", [])
    counted = parts.db.look(lambda tx: tx.value("SELECT count(*) FROM bounces"))
    assert counted == (1 if code == "5.2.2" else 0), "only a full mailbox says something of the address"


def test_a_stranger_cannot_stop_an_address(parts: Any) -> None:
    assert taken(parts, dsn(P1, "5.1.1", "550 user unknown")) == UNPROVEN
    assert suppressed(parts) == []
    assert taken(parts, dsn(P2, "5.1.1", "550 no", letter=f"m2.{'0' * 20}@example.com")) == NOT_OURS
    assert taken(parts, dsn(P2, "5.1.1", "550 no", letter="theirs@example.net")) == NOT_OURS
    assert taken(parts, dsn("x@example.org", "5.1.1", "550 no")) == NOBODY
    assert status(parts, 2) == "sent"


def test_a_complaint_that_hides_its_sender_finds_them_by_the_letter(parts: Any) -> None:
    taken(parts, complaint(message_id(3, "p3@example.com")))
    assert setbacks(parts) == [(3, "complaint", 3)]


def test_a_return_path_of_ours_names_the_letter(parts: Any) -> None:
    raw = prose("<someone.else@example.org>:\nuser unknown")
    find = {"shop@example.com": 2}.get
    taken(parts, raw, find=find)
    assert (status(parts, 2), len(suppressed(parts))) == ("failed", 1)


def test_a_folder_is_looked_through_and_holds_no_addresses_after(parts: Any, tmp_path: Path) -> None:
    new = tmp_path / "bounces" / "new"
    new.mkdir(parents=True)
    (new / "1").write_bytes(dsn(P1, "5.1.1", "550 user unknown", letter=message_id(1, P1)))
    (new / "2").write_bytes(prose("Is the blue one back?", sender=P2, subject="Hello"))
    (new / "3").write_bytes(b"\xff" * 1_000)
    chore.run(parts)
    assert status(parts, 1) == "failed"
    assert list(new.iterdir()) == []
    assert sorted(one.name for one in (tmp_path / "bounces" / "cur").iterdir()) == ["2", "3"], "a person may look"


@pytest.fixture
def imap(parts: Any) -> Iterator[Imap]:
    mails = [
        dsn(P1, "5.1.1", "550 user unknown", letter=message_id(1, P1)),
        prose("Hello?", sender=P2, subject="Hello"),
    ]
    found = Imap(mails)
    box = mailbox.Mailbox.parse(f"imap://bounces@127.0.0.1:{found.port}/INBOX")
    sealed = parts.secrets.seal(found.password)
    parts.db.write(lambda tx: mailbox.keep(tx, replace(box, sealed=sealed)))
    yield found
    found.stop()


def test_a_mailbox_is_read_and_each_mail_once(parts: Any, imap: Imap) -> None:
    chore.run(parts)
    assert status(parts, 1) == "failed"
    imap.mails.append(dsn(P2, "5.1.1", "550 user unknown", letter=message_id(2, P2)))
    chore.run(parts)
    chore.run(parts)
    assert status(parts, 2) == "failed"
    assert imap.fetched == [1, 2, 3]


def test_a_mailbox_that_does_not_open_is_said(parts: Any, imap: Imap) -> None:
    imap.password = "another"
    chore.run(parts)
    (said,) = parts.db.look(notices.all_of)
    assert "cannot be read" in said and "wrong password" in said
    imap.password = "open sesame"
    chore.run(parts)
    assert parts.db.look(notices.all_of) == []
    assert "open sesame" not in str(parts.db.look(lambda tx: tx.rows("SELECT value FROM settings")))


@pytest.mark.parametrize("url", ["", "http://a@b", "imaps://host", "imaps://a:secret@host", "imaps://a@h:x", "imap://"])
def test_an_address_that_is_none_is_answered_with_the_form(url: str) -> None:
    with pytest.raises(mailbox.MailboxProblem, match="imaps://user@host"):
        mailbox.Mailbox.parse(url)
