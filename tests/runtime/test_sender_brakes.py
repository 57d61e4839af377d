"""Marketing stops where letters bounce, are refused or complained of; it goes on by a person's word, or in time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.runtime import notices
from sojourn.runtime.chores import deliverability as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.deliverability import brakes, warm_up
from sojourn.runtime.deliverability.brakes import BrakeProblem, Limits
from sojourn.runtime.deliverability.counting import kind_of
from sojourn.runtime.deliverability.reputation import Figures, goals, read
from sojourn.storage import reputation, sender_brakes, users, warm_ups
from sojourn.storage.database import Database

from .post import NOW, journey, message, states
from .test_warm_up import Takes, run

HOUR, DAY = 3_600_000, 86_400_000
TODAY = NOW // DAY


def count(db: Database, provider: str, day: int = TODAY, account: str = "", **kinds: int) -> None:
    db.write(lambda tx: reputation.note(tx, {(account, provider, day, kind): n for kind, n in kinds.items()}))


def look(db: Database, at: int = NOW) -> list[str]:
    return db.write(lambda tx: brakes.look(tx, at))


def to_gmail(db: Database, *ids: int) -> None:
    db.write(lambda tx: tx.many("UPDATE contacts SET email = 'u' || id || '@gmail.com' WHERE id = ?",
                                [(one,) for one in ids]))  # fmt: skip


def test_it_stops_for_one_provider_and_the_others_go_on(db: Database) -> None:
    journey(db, 4)
    to_gmail(db, 1, 2)
    count(db, "gmail", tried=1_000, complaints=12)
    count(db, "seznam", tried=3_000, complaints=1)
    assert look(db) == [
        "Marketing to Gmail has stopped by itself. Of 1\u2009000 letters of two days 12 were complained of: 1.2 %, "
        "and the limit is 0.30 %."
    ]
    assert look(db) == []  # once
    run(db, channel := Takes(), NOW)
    assert sorted(channel.got) == [3, 4]
    status, reason, _, due_at = message(db, 1)
    assert (status, due_at) == ("queued", NOW + 24 * HOUR) and "Marketing to Gmail stands still by itself" in reason
    (entry, *_) = db.look(users.trail)
    assert (entry.actor, entry.action) == ("the brake", "sender_brake.stop")


def test_few_letters_and_rates_that_may_be_chance_stop_nothing(db: Database) -> None:
    count(db, "gmail", tried=90, complaints=9, hard=50)
    count(db, "outlook", tried=500, complaints=3)  # 0.6 %, which 0.2 % may well look like
    count(db, "yahoo", tried=1_000, hard=52)
    assert look(db) == []
    count(db, "icloud", tried=1_000, blocked=200)
    assert len(look(db)) == 1


def test_an_account_whose_letters_fare_ill_everywhere_stops_as_a_whole(db: Database) -> None:
    for provider in ("gmail", "outlook", "seznam"):
        count(db, provider, account="new", tried=500, hard=80)
        count(db, provider, account="old", tried=500)
    (told,) = look(db)
    assert told.startswith("Marketing by new has stopped")
    (one,) = db.look(sender_brakes.standing)
    assert (one.account, one.provider) == ("new", "")


def test_released_by_a_person_it_goes_on_with_fewer_letters_a_day(db: Database) -> None:
    journey(db, 60)
    to_gmail(db, *range(1, 61))
    count(db, "gmail", tried=160, blocked=60)
    count(db, "gmail", TODAY - 1, tried=160)
    look(db)
    run(db, Takes(), NOW)
    assert states(db) == {"queued": 60}
    (one,) = db.look(sender_brakes.standing)
    db.write(lambda tx: brakes.release(tx, one.id or 0, "ada@example.com", NOW + HOUR))
    assert brakes.forward(db, one, NOW + HOUR) == 60
    run(db, channel := Takes(), NOW + HOUR)
    assert len(channel.got) == one.a_day // 4 == 40
    (plan,) = db.look(warm_ups.plans)
    assert (plan.provider, plan.cause, plan.target) == ("gmail", "brake", 160)
    assert look(db, NOW + 2 * HOUR) == []  # not for the old again
    with pytest.raises(BrakeProblem):
        db.write(lambda tx: brakes.release(tx, one.id or 0, "ada@example.com", NOW))


def test_what_is_owed_to_people_goes_on(db: Database) -> None:
    journey(db, 2, message_type="transactional")
    to_gmail(db, 1, 2)
    count(db, "gmail", tried=1_000, complaints=12)
    look(db)
    run(db, channel := Takes(), NOW)
    assert sorted(channel.got) == [1, 2]


def test_the_chore_says_it_on_every_page_and_lets_go_in_time(db: Database) -> None:
    clock = ManualClock(NOW)
    parts: Any = SimpleNamespace(db=db, clock=clock, config={}, secrets=None, home=None, told=None)
    count(db, "gmail", tried=1_000, complaints=12)
    db.write(lambda tx: brakes.set_limits(tx, Limits(hours=2), "ada@example.com", NOW))
    db.write(lambda tx: brakes.look(tx, NOW))  # found before the chore, so that nobody is told by mail here
    chore.run(parts)
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM sender_deltas")) == 0
    (said,) = db.look(notices.all_of)
    assert said.startswith("Marketing to Gmail has stopped by itself.") and said.endswith("(/deliverability)")
    clock.set(NOW + 2 * HOUR + 1)
    chore.run(parts)
    assert db.look(notices.all_of) == [] and db.look(sender_brakes.standing) == []
    assert db.look(sender_brakes.latest)[0].released_by == "the brake"
    assert [warm_up.whom(plan) for plan in db.look(warm_ups.plans)] == ["letters to Gmail"]


def test_letters_are_counted_by_provider_as_they_leave(db: Database) -> None:
    journey(db, 3)
    to_gmail(db, 1)
    run(db, Takes(), NOW)
    found = db.look(lambda tx: read(tx, NOW))
    assert {code: of.tried for code, of in found.by_provider.items()} == {"gmail": 1, "other": 2}
    assert found.whole.delivered == 3 and list(found.by_provider) == ["gmail", "other"]


def test_refusals_count_for_what_they_say() -> None:
    assert kind_of("550 5.1.1 user unknown", True) == "hard"
    assert kind_of("552 5.2.2 mailbox full", False) == "soft"
    assert kind_of("554 5.7.1 blocked using zen.spamhaus.org", False) == "blocked"
    assert kind_of("550 5.7.26 fails DMARC policy", False) == "blocked"


def test_lights_stand_for_the_goals() -> None:
    def light(**counts: int) -> dict[str, str]:
        return {goal.code: goal.state for goal in goals(Figures(**counts))}

    assert set(light(tried=10, hard=5).values()) == {"few"}
    assert set(light(tried=1_000, hard=10, complaints=0).values()) == {"good"}
    ill = light(tried=1_000, hard=30, complaints=2, blocked=200)
    assert ill == {"delivery": "bad", "bounces": "near", "complaints": "near", "blocked": "bad"}
    assert light(tried=100, complaints=1)["complaints"] == "few"  # one alone says nothing
