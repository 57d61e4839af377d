"""Letters leave once, in the order of the send protocol, against a real mail server, on both stores."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from sojourn.runtime.channels.channel import Delivered, Held, OneByOne, Outcome, Parcel, Refused
from sojourn.runtime.channels.replies import outcome_of
from sojourn.runtime.channels.smtp import Server, SmtpUrlProblem
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content import mjml
from sojourn.runtime.content.letter import Rendered
from sojourn.runtime.content.letters import Letters
from sojourn.storage import consents, recovering
from sojourn.storage.database import Database
from sojourn.storage.messages import Result, record
from sojourn.storage.recovering import recover
from sojourn.tests.runtime.post import MJML, NOW, Post, enrollment, journey, message, outbox, smtp, states

MINUTE = 60_000


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


def test_every_queued_letter_arrives_once_over_a_few_connections(db: Database, post: Post) -> None:
    journey(db, 100)

    async def go() -> int:
        box = outbox(db, smtp(post, connections=3))
        count = await box.run_once()
        assert await box.run_once() == 0
        await box.close()
        return count

    assert asyncio.run(go()) == 100
    assert post.to() == sorted(f"u{n}@example.com" for n in range(1, 101))
    assert states(db) == {"sent": 100}
    assert enrollment(db, 7) == (0, "sent", NOW)
    assert post.connections <= 4  # one of them is the test server's own
    said = db.look(lambda tx: tx.rows("SELECT verdict FROM decisions WHERE message_id = 7 ORDER BY id"))
    assert [word for (word,) in said] == ["go", "sent"]


def test_answers_become_retry_bounce_and_suppression(db: Database, post: Post) -> None:
    answers = {
        "u1@example.com": "451 4.7.1 greylisted",
        "u2@example.com": "550 5.1.1 no such user",
        "u3@example.com": "552 5.2.2 mailbox full",
        "u4@example.com": "421 too busy",
    }
    post.rcpt = lambda address: answers.get(address, "250 OK")
    journey(db, 6)
    clock = ManualClock(NOW)

    async def go() -> None:
        box = outbox(db, smtp(post), clock)
        await box.run_once()
        assert message(db, 1)[0::2] == ("queued", 1)
        assert NOW + 5 * MINUTE <= message(db, 1)[3] < NOW + 6 * MINUTE, "grey lists let one in after a while"
        assert NOW + 2 * MINUTE <= message(db, 4)[3] < NOW + 3 * MINUTE
        assert message(db, 6)[0::2] == ("queued", 0), "who is too busy is left alone"
        assert await box.run_once() == 0
        answers.clear()
        clock.set(NOW + 6 * MINUTE)
        assert await box.run_once() == 3
        clock.set(NOW + 7 * MINUTE)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert states(db) == {"sent": 4, "failed": 2}
    assert "no such user" in message(db, 2)[1]
    assert enrollment(db, 2)[:2] == (0, "failed")
    assert db.look(lambda tx: tx.rows("SELECT address FROM suppressions")) == [("u2@example.com",)]
    caps = db.look(lambda tx: tx.rows("SELECT contact_id FROM caps WHERE n = 0 ORDER BY 1"))
    assert [contact for (contact,) in caps] == [2, 3]


def test_after_72_hours_of_trying_a_letter_is_given_up(db: Database, post: Post) -> None:
    post.rcpt = lambda address: "451 later"
    journey(db, 1)
    clock = ManualClock(NOW)

    async def go() -> None:
        box = outbox(db, smtp(post), clock)
        while message(db, 1)[0] == "queued":
            clock.set(message(db, 1)[3])
            await box.run_once()
        await box.close()

    asyncio.run(go())
    assert message(db, 1)[0] == "failed"
    assert "72 hours" in message(db, 1)[1]
    assert 60 * 60 * MINUTE < clock.now_ms() - NOW < 72 * 60 * MINUTE


@pytest.mark.parametrize("how", ["drop after body", "drop before 354"])
def test_a_line_that_breaks_around_the_body(db: Database, post: Post, how: str) -> None:
    if how == "drop after body":
        post.data = lambda address: how if address == "u1@example.com" else "250 OK"
    else:
        post.before_354 = lambda address: "drop" if address == "u1@example.com" else None
    journey(db, 3)

    async def go() -> None:
        box = outbox(db, smtp(post), senders=1)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    if how == "drop after body":
        assert message(db, 1)[0] == "in_doubt"
        assert enrollment(db, 1)[:2] == (0, "sent")
    else:
        assert message(db, 1)[0::2] == ("queued", 1)
    assert states(db)["sent"] == 2


def test_a_server_that_is_away_burns_no_tries_and_letters_go_when_it_is_back(db: Database) -> None:
    post = Post().start()
    post.stop()
    journey(db, 50)

    async def go() -> None:
        box = outbox(db, smtp(post))
        await box.run_once()
        assert states(db) == {"queued": 50}
        assert message(db, 1)[2] == 0
        health = box.health()
        assert not health.ok
        assert health.waiting == 50
        assert "50 messages wait and go when it is back" in health.sentences[0]
        post.start()
        for _ in range(40):
            await asyncio.sleep(0.1)
            await box.run_once()
            if states(db) == {"sent": 50}:
                break
        assert box.health().ok
        await box.close()

    asyncio.run(go())
    post.stop()
    assert states(db) == {"sent": 50}
    assert len(post.letters) == 50


def test_a_lost_lease_sends_nothing(db: Database, post: Post) -> None:
    journey(db, 1)

    def steal(_address: str) -> None:
        db.write(lambda tx: tx.run("UPDATE messages SET worker = 'another'"))

    post.before_354 = steal

    async def go() -> None:
        box = outbox(db, smtp(post))
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert post.letters == []
    assert message(db, 1)[0] == "leased"


def test_what_a_dead_worker_left_is_taken_up_and_never_sent_twice(db: Database, post: Post) -> None:
    journey(db, 3)

    def left(tx):
        tx.run("UPDATE messages SET status = 'sending', worker = 'dead' WHERE id = 1")
        tx.run("UPDATE messages SET status = 'leased', worker = 'dead' WHERE id = 2")

    db.write(left)

    async def go() -> None:
        box = outbox(db, smtp(post))
        assert await box.recover() == (1, 1)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert post.to() == ["u2@example.com", "u3@example.com"]
    assert message(db, 1)[0] == "in_doubt"
    assert enrollment(db, 1)[:2] == (0, "sent")


def test_a_message_that_was_taken_away_and_came_back_to_the_same_worker_goes_once(db: Database) -> None:
    """A database that restarts forgets who lives: another worker queues again what a sender here has in hand."""
    journey(db, 2)
    given: list[str] = []

    class Slow(OneByOne):
        name = ""  # nobody finds it by itself
        asked = 0

        async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
            self.asked += 1
            if self.asked == 1:
                busy.set()
                await taken_up.wait()
            elif parcel.to == "u2@example.com":
                taken_up.set()
                await asyncio.sleep(0.2)
            if not await before_body():
                return Held()
            given.append(parcel.to)
            return Delivered()

    busy, taken_up = asyncio.Event(), asyncio.Event()

    async def go() -> None:
        box = outbox(db, Slow(), senders=1)
        first = asyncio.create_task(box.run_once())
        await busy.wait()
        await db.awrite(lambda tx: recover(tx, [box.worker], NOW))  # what another worker does
        second = asyncio.create_task(box._sender())
        await asyncio.wait([second], timeout=1)
        taken_up.set()
        await asyncio.gather(first, second)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert sorted(given) == ["u1@example.com", "u2@example.com"]
    assert states(db) == {"sent": 2}


def test_a_living_workers_lease_is_left_alone(db: Database, post: Post) -> None:
    if not db.postgres:
        pytest.skip("one process owns a SQLite store")
    journey(db, 1)

    async def go() -> None:
        first, second = outbox(db, smtp(post)), outbox(db, smtp(post))
        await first.recover()
        db.write(lambda tx: tx.run("UPDATE messages SET status = 'sending', worker = ?", (first.worker,)))
        assert await second.recover() == (0, 0)
        await first.close()
        assert await second.recover() == (0, 1)
        await second.close()

    asyncio.run(go())


def test_nothing_is_handed_over_after_an_unsubscribe_was_answered(db: Database, post: Post) -> None:
    """P3: letters stand before a slow server; everyone unsubscribes; the server goes on: no body follows."""
    gone: set[str] = set()

    def slow(address: str) -> None:
        contact = int(address[1 : address.index("@")])
        db.write(lambda tx: consents.say(tx, contact, "email", "withdrawn", source="test", now_ms=NOW))
        gone.add(address)

    journey(db, 30)
    post.before_354 = slow

    async def go() -> None:
        box = outbox(db, smtp(post, connections=4))
        while states(db).get("queued"):
            await box.run_once()
        await box.close()

    asyncio.run(go())
    assert len(gone) == 30
    assert post.letters == []
    assert states(db) == {"skipped": 30}
    assert message(db, 5)[1] == "The contact has unsubscribed from “marketing” by e-mail."


def test_letters_of_a_paused_journey_wait(db: Database, post: Post) -> None:
    journey(db, 2)
    db.write(lambda tx: tx.run("UPDATE journeys SET status = 'paused'"))

    async def go() -> None:
        box = outbox(db, smtp(post))
        assert await box.run_once() == 0
        assert states(db) == {"queued": 2}
        db.write(lambda tx: tx.run("UPDATE journeys SET status = 'live'"))
        assert await box.run_once() == 2
        await box.close()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE contacts SET erased_at = 5", "erased"),
        ("UPDATE contacts SET email = NULL", "no address"),
        (
            "INSERT INTO suppressions (address, channel, reason, created_at) VALUES ('u1@example.com', '', 'x', 1)",
            "suppr",
        ),
        ("UPDATE enrollments SET ended_at = 5", "left the journey"),
        ("UPDATE enrollments SET interrupt = 0", "left the journey"),
        ("UPDATE versions SET approved_hash = 'x'", "not approved"),
        ("UPDATE versions SET content = '{}'", "not the content that was approved"),
    ],
)
def test_what_the_gate_holds_back_is_explained(db: Database, post: Post, change: str, why: str) -> None:
    journey(db, 1)
    db.write(lambda tx: tx.run(change))

    async def go() -> None:
        box = outbox(db, smtp(post))
        assert await box.run_once() == 1
        await box.close()

    asyncio.run(go())
    assert message(db, 1)[0] == "skipped"
    assert why in message(db, 1)[1]
    assert db.look(lambda tx: tx.value("SELECT verdict FROM decisions")) == "skip"


def test_a_letter_that_is_owed_ignores_the_marketing_opt_out(db: Database, post: Post) -> None:
    journey(db, 1, message_type="transactional")
    db.write(lambda tx: consents.say(tx, 1, "email", "withdrawn", source="test", now_ms=NOW))

    async def go() -> None:
        box = outbox(db, smtp(post))
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert b"List-Unsubscribe" not in post.letters[0][1]


def test_bad_addresses_are_refused_in_a_sentence(db: Database, post: Post) -> None:
    journey(db, 3)
    bad = ["a@b.c\r\nRSET", "jiří@example.com", "nobody"]
    for key, address in enumerate(bad, 1):
        db.write(lambda tx, a=address, i=key: tx.run("UPDATE contacts SET email = ? WHERE id = ?", (a, i)))

    async def go() -> None:
        box = outbox(db, smtp(post))
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert states(db) == {"failed": 3}
    assert post.letters == []


def test_a_slow_server_is_not_asked_twice(db: Database, post: Post) -> None:
    """No answer to the body in time is a doubt; no answer before the body is another try later."""
    post.data = lambda address: time.sleep(0.6 if address == "u1@example.com" else 0) or "250 OK"
    post.before_354 = lambda address: time.sleep(0.8) if address == "u2@example.com" else None
    journey(db, 3)

    async def go() -> None:
        box = outbox(db, smtp(post, body_s=0.3, command_s=0.5), senders=1)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert message(db, 1)[0] == "in_doubt"
    assert message(db, 2)[0::2] == ("queued", 1)


def test_a_refused_password_keeps_every_letter(db: Database, post: Post) -> None:
    journey(db, 5)

    async def go() -> None:
        box = outbox(db, smtp(post, user="ann", password="wrong"))
        await box.run_once()
        assert states(db) == {"queued": 5}
        assert not box.health().ok
        await box.close()

    asyncio.run(go())


def test_letters_that_cannot_be_made_fail_alone(db: Database, post: Post) -> None:
    journey(db, 2, letter={"subject": "x", "mjml": "<mjml>{{ broken"})

    async def go() -> None:
        box = outbox(db, smtp(post))
        assert await box.run_once() == 2
        await box.close()

    asyncio.run(go())
    assert states(db) == {"failed": 2}
    assert enrollment(db, 1)[:2] == (0, "failed")


def test_a_filter_that_refuses_its_arguments_is_set_aside_alone(db: Database, post: Post) -> None:
    journey(db, 1, letter={"subject": "x", "mjml": MJML.replace("first_name", "first_name|truncate(2)")})

    async def go() -> None:
        box = outbox(db, smtp(post))
        assert await box.run_once() == 1
        await box.close()

    asyncio.run(go())
    assert states(db) == {"queued": 1}
    with db.read() as tx:
        assert tx.one("SELECT verdict, inputs FROM decisions WHERE verdict = 'defer'") is not None


def test_a_letter_that_cannot_be_made_just_now_is_tried_again_and_holds_up_nobody(
    db: Database, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey(db, 5)
    fill = Letters.fill

    def moody(self: Letters, *what: Any, message_id: int, **how: Any) -> Rendered:
        if message_id == 2:
            raise MemoryError
        return fill(self, *what, message_id=message_id, **how)

    monkeypatch.setattr(Letters, "fill", moody)

    async def go() -> None:
        box = outbox(db, smtp(post))
        assert await box.run_once() == 5
        await box.close()

    asyncio.run(go())
    assert states(db) == {"sent": 4, "queued": 1}
    assert message(db, 2)[2] == 1 and NOW + MINUTE <= message(db, 2)[3] < NOW + 2 * MINUTE


def test_a_mjml_engine_too_slow_for_once_loses_no_letter(
    db: Database, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version was approved with this very letter: a machine under load is no reason to give a campaign up."""
    journey(db, 2)
    clock = ManualClock(NOW)

    def too_slow(_source: bytes) -> bytes:
        raise TimeoutError

    async def go() -> None:
        box = outbox(db, smtp(post), clock)
        with monkeypatch.context() as loaded:
            loaded.setattr(mjml._engine, "_ask", too_slow)
            await box.run_once()
        assert states(db) == {"queued": 2}
        clock.set(NOW + 2 * MINUTE)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert states(db) == {"sent": 2}


def test_what_this_worker_leased_without_knowing_is_taken_up(db: Database, post: Post) -> None:
    """A commit whose answer was lost on the way leaves a lease that no sender knows of."""
    journey(db, 3)

    async def go() -> None:
        box = outbox(db, smtp(post))
        db.write(lambda tx: tx.run("UPDATE messages SET status = 'leased', worker = ? WHERE id < 3", (box.worker,)))
        while await box.run_once():
            pass
        await box.close()

    asyncio.run(go())
    assert states(db) == {"sent": 3}


def test_what_a_dead_worker_left_is_taken_up_though_the_first_try_fails(
    db: Database, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey(db, 1)
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'leased', worker = 'dead'"))

    async def go() -> None:
        box = outbox(db, smtp(post))
        with monkeypatch.context() as full:
            full.setattr(recovering, "recover", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                await box.run_once()
        assert await box.run_once() == 1
        await box.close()

    asyncio.run(go())
    assert states(db) == {"sent": 1}


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://x:99999", "smtp://x?connections=0", "smtp://x?starttls=maybe"]
)
def test_a_wrong_server_address_is_explained(url: str) -> None:
    with pytest.raises(SmtpUrlProblem, match="smtp://user:password@host:port"):
        Server.parse(url)


def test_server_addresses() -> None:
    assert Server.parse("smtp://127.0.0.1:2525").port == 2525
    full = Server.parse("smtps://ann%40x:p%3Aw@mail.example.com?timeout=5")
    assert (full.user, full.password, full.port, full.tls, full.command_s) == ("ann@x", "p:w", 465, True, 5)
    assert Server.parse("smtp://a:b@mail.example.com?starttls=yes").starttls is True


@pytest.mark.parametrize(
    ("code", "text", "hard"),
    [
        (550, "5.1.1 user unknown", True),
        (550, "No such user here", True),
        (550, "5.7.1 message rejected as spam", False),
        (550, "rejected due to policy, user unknown to SPF", False),
        (552, "5.2.2 mailbox full", False),
        (554, "Transaction failed", False),
    ],
)
def test_only_an_address_that_is_gone_is_suppressed(code: int, text: str, hard: bool) -> None:
    assert outcome_of(code, text) == Refused(code, text, hard)


def test_whatever_a_server_says_can_be_written_down(db: Database) -> None:
    journey(db, 1)
    said = "caf\udce9\0 " + "x" * 5000
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'sending', worker = 'me'"))
    assert db.write(lambda tx: record(tx, "me", [Result(1, "failed", said)], NOW)) == {1}
    assert message(db, 1)[1].startswith("caf? x")


def test_a_refused_sender_keeps_every_letter_and_says_so(db: Database, post: Post) -> None:
    """A wrong setting must not use up a campaign."""
    journey(db, 20)
    post.mail = "553 5.1.8 sender domain not allowed"

    async def go() -> None:
        box = outbox(db, smtp(post))
        await box.run_once()
        assert states(db) == {"queued": 20}
        assert "sender domain not allowed" in box.health().sentences[0]
        await box.close()

    asyncio.run(go())
