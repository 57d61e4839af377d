"""A journey that drives people away stops by itself, says why, and is not stopped again for the same."""

from __future__ import annotations

from math import sqrt
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.runtime import notices, settings
from sojourn.runtime.chores import brake as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.governance import versions
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.brake import at_least, brake, suspects
from sojourn.runtime.policy.policy import Policy
from sojourn.storage import setbacks, users
from sojourn.storage.database import Database
from sojourn.storage.setbacks import Noted

from .post import NOW, Post, journey

HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture
def shop(db: Database) -> Database:
    """A live journey, and a policy that allows 2 % of unsubscribes once 100 messages went within a day."""
    journey(db, 1)
    rules = Policy.model_validate({"brake": {"unsubscribes": "2 %", "over": "24 hours", "at_least": 100}})
    db.write(lambda tx: policies.propose(tx, rules, "ada@example.com", NOW))
    return db


def sent(db: Database, first: int, count: int, at: int) -> None:
    names = "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node"
    rows = [(i, i, at, "email", "marketing", 3, 1, i, 0) for i in range(first, first + count)]
    db.write(lambda tx: tx.insert("touches", names, rows))


def left(db: Database, first: int, count: int, at: int) -> None:
    some = [Noted(i, "unsubscribe", "email", at, i, 1) for i in range(first, first + count)]
    db.write(lambda tx: setbacks.note(tx, some))


def look(db: Database, now: int) -> list[str]:
    return [one.name for one in db.write(lambda tx: brake(tx, now))]


def status(db: Database) -> Any:
    return db.look(lambda tx: tx.value("SELECT status FROM journeys WHERE id = 1"))


def test_it_stops_only_when_the_rate_is_surely_too_high(shop: Database) -> None:
    sent(shop, 1, 99, NOW)
    left(shop, 1, 30, NOW)
    assert look(shop, NOW) == []  # too few messages to judge by
    shop.write(lambda tx: tx.run("DELETE FROM setbacks"))
    sent(shop, 100, 101, NOW)
    left(shop, 1, 7, NOW)
    assert look(shop, NOW) == []  # 3.5 %, which 1.9 % may well look like
    left(shop, 8, 1, NOW)
    assert look(shop, NOW + HOUR) == ["cart"]
    assert status(shop) == "paused"


def test_it_is_written_down_and_stands_on_every_page_until_somebody_resumes(shop: Database) -> None:
    sent(shop, 1, 200, NOW)
    left(shop, 1, 20, NOW)
    look(shop, NOW)
    (notice,) = shop.look(notices.all_of)
    assert notice == (
        "“Cart” has stopped by itself. Of its last 200 messages 20 were answered by unsubscribing, 10.0 %: surely more "
        "than 7.0 %, and the policy allows 2.0 %. [Look at it and resume it](/journeys/cart)"
    )
    (entry, *_) = shop.look(users.trail)
    assert (entry.actor, entry.action, entry.subject) == ("the brake", "journey.pause", "cart")
    assert "surely more than 7.0 %" in entry.details["why"]
    shop.write(lambda tx: versions.resume(tx, 1, "ada@example.com", NOW + HOUR))
    assert look(shop, NOW + HOUR) == [] and shop.look(notices.all_of) == []


def test_resumed_it_is_judged_by_what_it_sent_since(shop: Database) -> None:
    sent(shop, 1, 200, NOW)
    left(shop, 1, 20, NOW)
    look(shop, NOW)
    shop.write(lambda tx: versions.resume(tx, 1, "ada@example.com", NOW + HOUR))
    left(shop, 21, 30, NOW + 2 * HOUR)  # late answers to what went before it stopped
    sent(shop, 1_001, 200, NOW + 2 * HOUR)
    assert look(shop, NOW + 3 * HOUR) == [] and status(shop) == "live"
    left(shop, 1_001, 12, NOW + 3 * HOUR)
    assert look(shop, NOW + 3 * HOUR) == ["cart"]


def test_the_owners_hear_of_it_by_mail_once(shop: Database) -> None:
    post = Post().start()
    sent(shop, 1, 200, NOW)
    left(shop, 1, 20, NOW)

    def job(tx: Any) -> None:
        users.add_user(tx, "owner@example.com", "x", "x", NOW)
        users.add_user(tx, "viewer@example.com", "x", "x", NOW, role="viewer")
        settings.save(tx, "sender_address", "news@example.com")
        settings.save(tx, "base_url", "https://go.example.com")

    shop.write(job)
    config = {"smtp_url": f"smtp://127.0.0.1:{post.port}?starttls=no"}
    parts = SimpleNamespace(db=shop, clock=ManualClock(NOW), config=config, secrets=None)
    try:
        for _ in range(2):
            chore.run(parts)
    finally:
        post.stop()
    ((to, letter),) = post.letters
    assert to == "owner@example.com" and b"https://go.example.com/journeys/cart" in letter


def test_without_a_rule_nothing_stops(db: Database) -> None:
    journey(db, 1)
    sent(db, 1, 200, NOW)
    left(db, 1, 200, NOW)
    assert look(db, NOW) == [] and status(db) == "live"


@pytest.mark.parametrize(("part", "whole"), [(2, 40), (12, 310), (1, 1_000), (200, 200)])
def test_the_sure_rate_is_where_the_score_test_turns(part: int, whole: int) -> None:
    bound = at_least(part, whole)
    assert (part / whole - bound) / sqrt(bound * (1 - bound) / whole) == pytest.approx(1.6449, abs=1e-6)
    assert at_least(0, whole) == at_least(0, 0) == 0


@pytest.mark.parametrize("count", [7, 8, 60])
def test_whom_it_suspects_it_stops_and_nobody_else(shop: Database, count: int) -> None:
    sent(shop, 1, 200, NOW)
    left(shop, 1, count, NOW)
    suspected = shop.look(lambda tx: suspects(tx, NOW + HOUR))
    assert suspected == ([1] if count > 7 else [])
    assert len(shop.write(lambda tx: brake(tx, NOW + HOUR, suspected))) == len(suspected)
    assert shop.look(lambda tx: suspects(tx, NOW + HOUR)) == []
