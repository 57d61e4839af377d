"""What the gate says to marketing: only a known yes to the topic, not during a pause, not more than was asked for."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from sojourn.runtime.clock import ManualClock
from sojourn.storage import consents, touches, wishes
from sojourn.storage.columns import load
from sojourn.storage.database import Database
from sojourn.storage.wishes import Wish
from sojourn.tests.runtime.post import NOW, Post, journey, message, outbox, smtp, states

DAY = 86_400_000
PATIENCE_MS = 3 * DAY


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


def run(db: Database, post: Post, clock: ManualClock | None = None) -> None:
    async def go() -> None:
        box = outbox(db, smtp(post), clock)
        await box.run_once()
        await box.close()

    asyncio.run(go())


def withdraw(db: Database, contact: int, action: str = "withdrawn") -> None:
    db.write(lambda tx: consents.say(tx, contact, "email", action, source="test", now_ms=NOW))


def test_only_a_known_yes_is_a_yes(db: Database, post: Post) -> None:
    journey(db, 4)
    db.write(lambda tx: tx.run("DELETE FROM consents WHERE contact_id IN (1, 4)"))
    withdraw(db, 2)
    db.write(lambda tx: consents.say(tx, 4, "email", "granted", source="test", now_ms=NOW, topic="another"))
    db.write(lambda tx: consents.say(tx, 4, "sms", "granted", source="test", now_ms=NOW))
    run(db, post)

    assert post.to() == ["u3@example.com"]
    assert message(db, 1)[:2] == (
        "skipped",
        "It is not known that the contact agreed to “marketing” by e-mail, "
        "and what is not known is not taken for a yes.",
    )
    assert "unsubscribed" in message(db, 2)[1]
    assert message(db, 4)[0] == "skipped"
    inputs = load(db.look(lambda tx: tx.value("SELECT inputs FROM decisions WHERE message_id = 1")))
    assert (inputs["consent"], inputs["topic"], inputs["legal_basis"]) == ("unknown", "marketing", "consent")


def test_what_is_owed_asks_for_no_consent_and_knows_no_pause(db: Database, post: Post) -> None:
    journey(db, 2, message_type="transactional")
    withdraw(db, 1)
    db.write(lambda tx: wishes.keep(tx, Wish(contact_id=2, paused_until=NOW + DAY, changed_at=NOW), NOW))
    run(db, post)
    assert post.to() == ["u1@example.com", "u2@example.com"]


def test_a_pause_is_waited_for_or_is_too_long(db: Database, post: Post) -> None:
    journey(db, 3)
    for contact, until in ((1, NOW + DAY), (2, NOW + PATIENCE_MS + 1), (3, NOW - 1)):
        wish = Wish(contact_id=contact, paused_until=until, changed_at=NOW)
        db.write(lambda tx, wish=wish: wishes.keep(tx, wish, NOW))
    clock = ManualClock(NOW)
    run(db, post, clock)

    assert post.to() == ["u3@example.com"]
    assert message(db, 1)[0::3] == ("queued", NOW + DAY)
    assert message(db, 2)[0] == "skipped" and "longer than this message may wait" in message(db, 2)[1]
    clock.set(NOW + DAY)
    run(db, post, clock)
    assert post.to() == ["u1@example.com", "u3@example.com"]


def test_no_more_letters_a_week_than_were_asked_for(db: Database, post: Post) -> None:
    journey(db, 2)
    for contact in (1, 2):
        db.write(lambda tx, c=contact: wishes.keep(tx, Wish(contact_id=c, per_week=2, changed_at=NOW), NOW))

    def had(tx) -> None:
        rows = [(1, NOW - 6 * DAY), (1, NOW - 5 * DAY), (2, NOW - 8 * DAY), (2, NOW - DAY)]
        touches.write(tx, [(90 + n, c, at, "email", "marketing", 3, 1, 90 + n, 0, 0) for n, (c, at) in enumerate(rows)])

    db.write(had)
    clock = ManualClock(NOW)
    run(db, post, clock)
    assert post.to() == ["u2@example.com"]
    status, reason, _, due = message(db, 1)
    assert (status, due) == ("queued", NOW + DAY) and "as they asked for" in reason
    clock.set(NOW + DAY)
    run(db, post, clock)
    assert post.to() == ["u1@example.com", "u2@example.com"]


def test_consent_withdrawn_between_queue_and_hand_over_stops_the_letter(db: Database, post: Post) -> None:
    """The server is slow to say go on; meanwhile the contact withdraws. Nothing of the letter leaves."""
    journey(db, 2)
    asked, go_on = threading.Event(), threading.Event()

    def slow(address: str) -> None:
        if address == "u1@example.com":
            asked.set()
            assert go_on.wait(20)

    post.before_354 = slow

    async def go() -> None:
        box = outbox(db, smtp(post, command_s=20), senders=1)
        sending = asyncio.ensure_future(box.run_once())
        assert await asyncio.to_thread(asked.wait, 20)
        await asyncio.to_thread(withdraw, db, 1)
        go_on.set()
        await sending
        await box.close()

    asyncio.run(go())
    assert post.to() == ["u2@example.com"]
    assert states(db) == {"sent": 1, "skipped": 1}
    words = db.look(lambda tx: tx.rows("SELECT verdict, inputs FROM decisions WHERE message_id = 1 ORDER BY id"))
    assert [verdict for verdict, _ in words] == ["skip"]
    assert json.dumps(load(words[0][1])).count("withdrawn") == 1
