"""A thousand letters through a mail server on a bad day: nothing is lost, nothing doubled, all of it explained."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.clock import ManualClock
from sojourn.storage.database import Database
from sojourn.tests.runtime.bad_post import BadPost
from sojourn.tests.runtime.post import NOW, journey, outbox, states

LETTERS = 1_000
DOMAINS = ("example.com", "example.org", "shop.example.com", "news.example.org")


def rcpt(address: str, before: int) -> str:
    """Every seventh is greylisted, some of one domain are told to slow down, some mailboxes are full for a while."""
    number = int(address[1:].partition("@")[0])
    if number % 7 == 0 and before == 0:
        return "451 4.7.1 Greylisted, please come back in 5 minutes"
    if address.endswith("@example.org") and number > 930 and number % 3 == 0 and before == 0:
        return "421 4.7.28 you send at an unusual rate, try again later"
    if number % 97 == 0 and before < 2:
        return "452 4.2.2 mailbox full"
    return "slow 250 2.1.5 OK" if number % 50 == 0 else "250 2.1.5 OK"


def body(address: str, before: int) -> str:
    """Some are taken or not taken and the line breaks off, some find the queue full, and some answers are slow."""
    number = int(address[1:].partition("@")[0])
    if number % 101 == 5:
        return "keep and drop"
    if number % 103 == 6:
        return "drop"
    if number % 13 == 0 and before == 0:
        return "452 4.3.1 queue file write error"
    if number % 17 == 0 and before == 0:
        return "421 4.3.2 shutting down"
    return "slow 250 2.0.0 queued" if number % 60 == 0 else "250 2.0.0 queued"


@pytest.fixture
def post() -> Iterator[BadPost]:
    office = BadPost(rcpt, body).start()
    yield office
    office.kill()


def people(db: Database) -> None:
    journey(db, LETTERS)
    rows = [(f"u{n}@{DOMAINS[n % len(DOMAINS)]}", n) for n in range(1, LETTERS + 1)]
    db.write(lambda tx: tx.many("UPDATE contacts SET email = ? WHERE id = ?", rows))


def killed_and_started(post: BadPost, done: threading.Event) -> threading.Thread:
    """Twice, in the middle of everything."""

    def torment() -> None:
        for share in (3, 2):
            while len(post.taken) < LETTERS // share and not done.is_set():
                time.sleep(0.01)
            post.kill()
            time.sleep(0.2)
            post.start()

    thread = threading.Thread(target=torment)
    thread.start()
    return thread


async def until_all_have_come_to_something(db: Database, post: BadPost, clock: ManualClock) -> None:
    box = outbox(db, Smtp(Server("127.0.0.1", post.port, starttls=False, connections=6)), clock, senders=6)
    while (
        next_ms := db.look(lambda tx: tx.value("SELECT MIN(due_at) FROM messages WHERE status = 'queued'"))
    ) is not None:
        clock.set(max(next_ms, clock.now_ms() + 2_000))
        if not await box.run_once():
            await asyncio.sleep(0.05)  # the server is away: it is asked again soon
            clock.set(clock.now_ms() + 1_000)
    await box.close()


def test_nothing_is_lost_and_nothing_is_doubled(db: Database, post: BadPost) -> None:
    people(db)
    clock, done = ManualClock(NOW), threading.Event()
    tormentor = killed_and_started(post, done)
    asyncio.run(until_all_have_come_to_something(db, post, clock))
    done.set()
    tormentor.join()
    came = Counter(number for _, number in post.taken)
    counts = states(db)
    in_doubt = {key for (key,) in db.look(lambda tx: tx.rows("SELECT id FROM messages WHERE status = 'in_doubt'"))}
    sent = {key for (key,) in db.look(lambda tx: tx.rows("SELECT id FROM messages WHERE status = 'sent'"))}

    assert set(counts) == {"sent", "in_doubt"} and sum(counts.values()) == LETTERS, "each came to one end"
    assert not [number for number, times in came.items() if times > 1], "nothing was doubled"
    assert sent <= set(came) and set(came) <= sent | in_doubt, "what counts as sent was taken"
    dropped = sum(count for word, count in post.answers.items() if word in ("keep", "drop"))
    assert len(in_doubt) <= dropped + 2 * 6, "doubt is only where the line broke after a body"
    waiting = db.look(lambda tx: tx.value("SELECT COUNT(*) FROM enrollments WHERE outbox <> 0 OR outcome <> 'sent'"))
    assert waiting == 0, "everybody goes on"
    assert {"421", "451", "452"} <= set(post.answers), "the day was as bad as was meant"

    verdicts = dict(db.look(lambda tx: tx.rows("SELECT verdict, COUNT(*) FROM decisions GROUP BY verdict")))
    assert verdicts["sent"] == counts["sent"] and verdicts["in_doubt"] == counts["in_doubt"]
    told = db.look(lambda tx: tx.rows("SELECT reason FROM decisions WHERE verdict IN ('retry', 'defer')"))
    assert any("asked us to slow down" in reason and "tried again at" in reason for (reason,) in told)
    assert any("Greylisted" in reason for (reason,) in told)
    assert clock.now_ms() - NOW < 24 * 3_600_000, "and it took a day at most"
