"""Keys that sign: made, turned and removed, sealed at rest; the letters that arrive verify by the published records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dkim
import pytest

from sojourn.app.secrets import Secrets
from sojourn.runtime import settings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.deliverability import keys
from sojourn.runtime.deliverability.keys import KeyProblem
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.service import Runtime
from sojourn.storage import dkim_keys
from sojourn.storage.database import Database
from sojourn.storage.dkim_keys import DkimKey

from .post import NOW, Post, journey, states


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post().start()
    yield post
    post.stop()


def house(db: Database, **config: Any) -> Any:
    def set_up(tx: Any) -> None:
        settings.save(tx, "sender_address", "News@Example.com")
        settings.save(tx, "base_url", "https://go.example.com")
        settings.save(tx, "postal_address", "1 Main St")

    db.write(set_up)
    return SimpleNamespace(
        db=db, clock=ManualClock(NOW), config=config, secrets=Secrets(b"s" * 32), shelf=ProgramShelf()
    )


def turn(parts: Any, key: DkimKey, state: keys.State) -> None:
    parts.db.write(lambda tx: keys.turn(tx, key.selector, state, "ann", NOW))


def published(*made: DkimKey) -> Any:
    zone = {f"{key.selector}._domainkey.{key.domain}.".encode(): key.record.encode() for key in made}
    return lambda name, timeout=5: zone.get(name)


def test_letters_arrive_signed_by_the_keys_that_are_on(db: Database, post: Post) -> None:
    parts = house(db, smtp_url=f"smtp://127.0.0.1:{post.port}?starttls=no&timeout=3", senders=2)
    rsa, edwards = keys.make(parts, "example.com", "rsa", "ann"), keys.make(parts, "example.com", "ed25519", "ann")
    other, waiting = keys.make(parts, "example.org", "rsa", "ann"), keys.make(parts, "example.com", "rsa", "ann")
    for key in (rsa, edwards, other):
        turn(parts, key, "on")
    journey(db, 4, message_type="transactional")
    db.write(lambda tx: tx.run("UPDATE messages SET due_at = ? WHERE id = 4", (NOW + 1_000,)))

    async def send() -> None:
        box = Runtime(parts, "test").outbox
        await box.run_once()
        turn(parts, rsa, "off")
        turn(parts, edwards, "off")
        parts.clock.set(NOW + 1_000)
        await box.run_once()
        await box.close()

    asyncio.run(send())
    assert states(db) == {"sent": 4} and len(post.letters) == 4
    records = published(rsa, edwards, waiting, other)
    for _, letter in post.letters[:3]:
        assert letter.count(b"DKIM-Signature:") == 2
        verified = [dkim.DKIM(letter).verify(place, dnsfunc=records) for place in (0, 1)]
        assert verified == [True, True]
        assert not dkim.verify(letter.replace(b"Hello", b"Hallo"), dnsfunc=records)
        assert f"s={rsa.selector};".encode() in letter and f"s={edwards.selector};".encode() in letter
    assert b"DKIM-Signature:" not in post.letters[3][1]


def test_a_key_is_sealed_and_what_is_done_with_it_is_written_down(db: Database) -> None:
    parts = house(db)
    key = keys.make(parts, "News.Example.COM", "rsa", "ann")
    assert (key.domain, key.selector, key.status) == ("news.example.com", "s20260921", "waiting")
    (stored,) = db.look(lambda tx: tx.rows("SELECT sealed, record FROM dkim_keys"))
    assert "PRIVATE" not in str(stored) and parts.secrets.open(stored[0]).startswith("-----BEGIN PRIVATE KEY")
    assert keys.make(parts, "news.example.com", "rsa", "ann").selector == "s20260921-2"
    turn(parts, key, "on")
    with pytest.raises(KeyProblem, match="turn it off first"):
        db.write(lambda tx: keys.remove(tx, key.selector, "ann", NOW))
    turn(parts, key, "off")
    db.write(lambda tx: keys.remove(tx, key.selector, "ann", NOW))
    assert [one.selector for one in db.look(dkim_keys.everyone)] == ["s20260921-2"]
    done = db.look(lambda tx: [row[0] for row in tx.rows("SELECT action FROM audit_entries ORDER BY id")])
    assert done == ["dkim.make", "dkim.make", "dkim.turn", "dkim.turn", "dkim.remove"]


def test_mistakes_are_answered_with_a_sentence(db: Database) -> None:
    parts = house(db)
    for domain in ("", "localhost", "a b.example", "x" * 64 + ".example.com", "-a.example.com"):
        with pytest.raises(KeyProblem, match="not a domain"):
            keys.make(parts, domain, "rsa", "ann")
    with pytest.raises(KeyProblem, match="rsa or ed25519"):
        keys.make(parts, "example.com", "dsa", "ann")
    with pytest.raises(KeyProblem, match="no key “nobody”"):
        db.write(lambda tx: keys.turn(tx, "nobody", "on", "ann", NOW))


def test_a_record_is_cut_as_dns_wants_it(db: Database) -> None:
    record = keys.record_of(keys.make(house(db), "example.com", "rsa", "ann"))
    assert record.name == "s20260921._domainkey.example.com" and len(record.value) > keys.STRING
    strings = record.quoted.removeprefix('"').removesuffix('"').split('" "')
    assert "".join(strings) == record.value and len(strings[0]) == keys.STRING
    assert keys.quoted('a"b\\c') == '"a\\"b\\\\c"'
