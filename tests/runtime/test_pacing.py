"""Letters go to each provider as fast as it takes them; one that asks for less holds up no other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sojourn.runtime import settings
from sojourn.runtime.channels.replies import kind_of
from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.pacing import EASES_MS, BadLimits, limits_of, rate, whose
from sojourn.runtime.retrying import MINUTES, pause_ms
from sojourn.storage import pacing as rows
from sojourn.storage.database import Database
from sojourn.storage.pacing import Held

from .bad_post import BadPost
from .post import NOW, journey, outbox, states

MINUTE, HOUR = 60_000, 3_600_000


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (421, "4.7.0 Try again later, closing connection", "slow"),
        (421, "4.7.28 Our system has detected an unusual rate of mail", "slow"),
        (451, "4.7.500 Server busy. Please try again later", "slow"),
        (450, "4.2.1 The user is receiving mail at a rate that prevents delivery", "slow"),
        (451, "4.7.1 Greylisting in action, please come back later", "greylist"),
        (450, "4.2.0 <a@example.com>: Recipient address rejected: Greylisted", "greylist"),
        (451, "4.7.1 Please try again later", "greylist"),
        (452, "4.2.2 The email account is over quota", "full"),
        (452, "4.3.1 Insufficient system storage", "busy"),
        (421, "4.3.2 shutting down", "busy"),
        (451, "4.3.0 local error", "busy"),
    ],
)
def test_what_a_later_means(code: int, text: str, kind: str) -> None:
    assert kind_of(code, text) == kind


def test_pauses_grow_by_kind_are_the_same_again_and_end_before_three_days() -> None:
    for kind, minutes in MINUTES.items():
        pauses = [pause_ms(kind, attempts, 7) for attempts in range(len(minutes))]
        assert pauses == [pause_ms(kind, attempts, 7) for attempts in range(len(minutes))]
        assert all(
            pause is not None and 60_000 * m <= pause <= 66_000 * m for pause, m in zip(pauses, minutes, strict=True)
        )
        assert 55 * HOUR < sum(pause or 0 for pause in pauses) < 72 * HOUR
        assert pause_ms(kind, len(minutes), 7) is None
    assert len({pause_ms("greylist", 0, number) for number in range(50)}) > 40, "they do not come back together"
    assert MINUTES["greylist"][:3] == (5, 10, 20) and MINUTES["full"][0] >= 60


def test_who_asked_for_less_gets_more_again_after_a_while() -> None:
    pace = Held("gmail", 100.0, 400.0, NOW, 0, 0)
    after = [rate(pace, None, NOW + minutes * MINUTE) for minutes in (0, 9, 10, 20, 29, 30)]
    assert after == [100, 100, 200, 400, 400, None]
    assert rate(pace, 150, NOW + EASES_MS) == 150 and rate(pace, 150, NOW + 9 * EASES_MS) == 150


def test_limits_as_they_are_written() -> None:
    assert limits_of("gmail=600, googlemail.com=500 shop.example.com=5") == {"gmail": 500, "shop.example.com": 5}
    assert whose("ann@googlemail.com") == "gmail" and whose("Ann@Example.COM") == "example.com"
    for wrong in ("gmail", "gmail=0", "nobody=5", "gmail=-1", "gmail=many"):
        with pytest.raises(BadLimits, match="is no limit"):
            limits_of(wrong)


def two_domains(db: Database, count: int) -> None:
    """The first half at example.com, the second at example.org."""
    journey(db, count)
    db.write(lambda tx: tx.run("UPDATE contacts SET email = 'u' || id || '@example.org' WHERE id > ?", (count // 2,)))


def sent_to(db: Database, domain: str) -> int:
    sql = "SELECT COUNT(*) FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.status = ? AND c.email LIKE ?"
    return db.look(lambda tx: tx.value(sql, ("sent", f"%@{domain}")))


def channel(post: BadPost, **more: Any) -> Smtp:
    return Smtp(Server("127.0.0.1", post.port, starttls=False), **more)


def test_a_limit_holds_and_nobody_else_waits(db: Database) -> None:
    post = BadPost().start()
    two_domains(db, 200)
    db.write(lambda tx: settings.save(tx, "provider_limits", "example.com=60"))
    clock = ManualClock(NOW)

    async def go() -> list[int]:
        box, seen = outbox(db, channel(post), clock), []
        for minute in range(3):
            clock.set(NOW + minute * MINUTE)
            while await box.run_once():
                pass
            seen.append(sent_to(db, "example.com"))
            if not minute:
                assert sent_to(db, "example.org") == 100
            for second in range(0, 60, 2):
                clock.set(NOW + minute * MINUTE + second * 1_000)
                await box.run_once()
        await box.close()
        return seen

    try:
        seen = asyncio.run(go())
    finally:
        post.kill()
    assert seen[0] <= 6 and 55 <= seen[1] <= 70 and seen[2] == 100
    told = db.look(lambda tx: tx.rows("SELECT message_id, reason FROM decisions WHERE verdict = 'defer'"))
    assert len(told) == len({number for number, _ in told}), "each is put off to a place of its own, once"
    assert "example.com gets only so many at a time; 60 letters a minute, tried again at" in told[0][1]


def test_a_domain_that_wants_less_is_slowed_and_the_other_goes_on(db: Database) -> None:
    def rcpt(address: str, before: int) -> str:
        tired = address.endswith("@example.com") and not before and int(address[1:].partition("@")[0]) % 40 == 0
        return "451 4.7.28 too many letters, slow down" if tired else "250 OK"

    post = BadPost(rcpt=rcpt).start()
    two_domains(db, 160)
    clock = ManualClock(NOW)

    async def go() -> None:
        box = outbox(db, channel(post), clock)
        while await box.run_once():
            pass
        assert sent_to(db, "example.org") == 80 and sent_to(db, "example.com") < 80
        pace = db.look(rows.everyone)["example.com"]
        assert pace.per_minute and pace.per_minute <= (pace.before or 0) / 2
        while (
            next_ms := db.look(lambda tx: tx.value("SELECT MIN(due_at) FROM messages WHERE status = 'queued'"))
        ) is not None:
            clock.set(max(next_ms, clock.now_ms() + 5_000))
            await box.run_once()
        await box.close()

    try:
        asyncio.run(go())
    finally:
        post.kill()
    assert states(db) == {"sent": 160} and len(post.taken) == len(set(post.taken)) == 160
    assert clock.now_ms() < NOW + HOUR


def test_so_many_at_once_and_no_more_while_others_pass(db: Database) -> None:
    under_way = most = 0

    def body(address: str, before: int) -> str:
        nonlocal under_way, most
        if address.endswith("@example.com"):
            under_way += 1
            most = max(most, under_way)
        return "slow 250 OK"

    post = BadPost(body=body)
    say = post._say

    def said(writer: Any, text: str) -> bool:
        nonlocal under_way
        under_way = max(0, under_way - (text == "250 OK"))
        return say(writer, text)

    post._say = said  # type: ignore[method-assign]
    post.start()
    two_domains(db, 40)

    async def go() -> None:
        box = outbox(db, channel(post, at_once={"example.com": 1}), ManualClock(NOW), lease=10)
        await box.run_once()
        await box.close()

    try:
        asyncio.run(go())
    finally:
        post.kill()
    assert most == 1 and sent_to(db, "example.org") == 20 and sent_to(db, "example.com") > 0


def test_a_limit_is_exact_where_one_stretch_ends_and_the_next_begins(db: Database) -> None:
    """Places are given back to the stretch they were taken of, and a sender whose letters took long to announce, or
    whose turn at the store came late, opens no stretch twice."""
    most, end = {"minute": 10, "hour": 15}, NOW - NOW % HOUR + HOUR

    def take(at: int, wanted: int = 10) -> int:
        return db.write(lambda tx: rows.taken(tx, "a", most, wanted, at))[0]

    def back(at: int, n: int) -> None:
        db.write(lambda tx: rows.given_back(tx, "a", most, n, at))

    assert take(end - 5_000) == 10
    back(end - 5_000, 3)
    assert (take(end - 5_000, 2), take(end)) == (2, 10)
    back(end - 5_000, 5)
    assert take(end) == 0, "the hour before owes nothing to this one"
    assert take(end - 1) == 0, "too late for the stretch that is over"
    assert (take(end), take(end + MINUTE)) == (0, 5)
    assert take(end - 400 * 24 * HOUR) == 10, "a clock that was wrong by a year is not held against anybody"


def test_a_provider_that_is_as_all_others_again_is_forgotten(db: Database) -> None:
    journey(db, 3)
    asked = Held("example.com", 30.0, 60.0, NOW - 9 * HOUR, NOW - 8 * HOUR, NOW - 8 * HOUR)
    db.write(lambda tx: (rows.locked(tx, [asked.name]), rows.keep(tx, [asked])))
    post = BadPost().start()
    try:
        asyncio.run(_sent(db, post))
    finally:
        post.kill()
    assert states(db) == {"sent": 3} and db.look(rows.everyone) == {}


async def _sent(db: Database, post: BadPost) -> None:
    box = outbox(db, channel(post), ManualClock(NOW))
    await box.run_once()
    await box.close()
