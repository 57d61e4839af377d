"""A new sender is warmed up: so many letters a day and not one more, those who read most first."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from sojourn.runtime.channels.channel import Channel, Delivered, Mark, Outcome, Parcel, TryLater
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.deliverability import warm_up
from sojourn.runtime.deliverability.reputation import Figures
from sojourn.runtime.policy.hygiene import Silence
from sojourn.runtime.policy.room import midnight
from sojourn.runtime.policy.sieve import Sieve
from sojourn.runtime.results import held_back
from sojourn.storage import features, leasing, messages, reputation, sender_brakes, users, warm_ups
from sojourn.storage.columns import load
from sojourn.storage.database import Database
from sojourn.tests.runtime.gate_world import build
from sojourn.tests.runtime.test_gate_races import crowd, send_all
from sojourn.tests.runtime.test_gate_races import sent as sent_in_order

from .post import NOW, journey, message, outbox, states

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MIDNIGHT = midnight(warm_up.day_of(NOW, "UTC"), "UTC")  # it is 14:13: every turn of the day has come
ADA = "ada@example.com"


class Takes(Channel):
    """Takes every letter, but for those it is told to hand back."""

    name = "email"

    def __init__(self, *later: int) -> None:
        self.later, self.got = set(later), []

    async def hand_over(self, parcels: Any, before_body: Mark) -> list[Outcome]:
        out: list[Outcome] = []
        for parcel in parcels:
            assert isinstance(parcel, Parcel)
            await before_body([parcel.message_id])
            if parcel.message_id in self.later:
                out.append(TryLater(0, "the line broke"))
            else:
                self.got.append(parcel.message_id)
                out.append(Delivered(250, "2.0.0 Ok"))
        return out


def begin(db: Database, at: int = NOW, **changes: Any) -> warm_ups.WarmUp:
    plan: dict[str, Any] = {"start": 5, "target": 1_000, "days": 10, **changes}
    return db.write(lambda tx: warm_up.begin(tx, ADA, at, **plan))


def run(db: Database, channel: Channel, at: int, runs: int = 6) -> None:
    async def go() -> None:
        box = outbox(db, channel, ManualClock(at))
        for _ in range(runs):
            await box.run_once()
        await box.close()

    asyncio.run(go())


def went(db: Database, plan: warm_ups.WarmUp) -> list[tuple[str, int | None, int]]:
    return db.look(lambda tx: warm_ups.history(tx, plan.id or 0))


def engaged(db: Database, scores: dict[int, int]) -> None:
    def job(tx: Any) -> None:
        features.touch(tx, list(scores))
        tx.many("UPDATE features SET engagement = ? WHERE contact_id = ?", [(s, i) for i, s in scores.items()])

    db.write(job)


def test_each_day_allows_more_and_never_more_than_twice_as_many() -> None:
    steps = warm_up.ladder(50, 100_000, 35)
    assert steps[0] == 50 and steps[-1] == 100_000 and 33 <= len(steps) <= 36
    assert all(a < b <= 2.1 * a for a, b in pairwise(steps))
    assert warm_up.ladder(50, 800, 3) == [50, 100, 200, 400, 800]  # no faster than that, whatever is asked for


def test_those_who_read_most_go_first_and_the_others_another_day(db: Database) -> None:
    journey(db, 20)
    engaged(db, {i: 5 * i for i in range(1, 21)})
    plan, channel = begin(db), Takes()
    run(db, channel, NOW)
    assert sorted(channel.got) == [16, 17, 18, 19, 20]
    status, reason, _, due_at = message(db, 1)
    assert status == "queued" and "being warmed up" in reason and "letters of today are used up" in reason
    tomorrow = MIDNIGHT + DAY + 8 * HOUR
    assert due_at == tomorrow + 240 * MINUTE * 95 // 100  # the turn of somebody with 5 points
    assert message(db, 15)[3] == tomorrow + 240 * MINUTE * 25 // 100
    assert went(db, plan) == [(plan.day, 5, 5)]
    (said,) = db.look(
        lambda tx: tx.rows("SELECT verdict, inputs FROM decisions WHERE message_id = 1 ORDER BY id DESC LIMIT 1")
    )
    assert said[0] == "defer" and '"warm_up"' in str(said[1]).replace("'", '"')


def test_before_ones_turn_a_letter_waits_for_it(db: Database) -> None:
    journey(db, 2)
    engaged(db, {1: 100, 2: 0})
    begin(db, opens=14 * 60, spread=60)
    run(db, channel := Takes(), NOW)
    assert channel.got == [1]
    status, reason, _, due_at = message(db, 2)
    assert (status, due_at) == ("queued", MIDNIGHT + 15 * HOUR) and "those who read most go first" in reason
    assert "15:00 on 21 September" in reason


def test_what_is_owed_to_people_goes_and_counts(db: Database) -> None:
    journey(db, 8, message_type="transactional")
    db.write(lambda tx: tx.run("UPDATE messages SET rank = 0"))
    plan, channel = begin(db), Takes()
    run(db, channel, NOW)
    assert states(db) == {"sent": 8} and went(db, plan)[0][2] == 8


def test_what_did_not_leave_gives_its_place_back(db: Database) -> None:
    journey(db, 12)
    plan, channel = begin(db, start=4), Takes(1, 2, 3)
    run(db, channel, NOW)
    assert channel.got == [4] and went(db, plan) == [(plan.day, 4, 1)]
    run(db, later := Takes(), NOW + HOUR)
    assert sorted(later.got) == [1, 2, 3] and went(db, plan) == [(plan.day, 4, 4)]


def test_the_share_of_a_provider_is_kept(db: Database) -> None:
    journey(db, 12)
    db.write(lambda tx: tx.run("UPDATE contacts SET email = 'u' || id || '@gmail.com' WHERE id <= 6"))
    plan, channel = begin(db, start=6, shares={"gmail": 33}), Takes()
    run(db, channel, NOW)
    assert sum(key <= 6 for key in channel.got) == 2 and len(channel.got) == 6
    assert db.look(lambda tx: warm_ups.used(tx, [plan.id or 0], plan.day)) == {
        (plan.id, ""): 6, (plan.id, "gmail"): 2, (plan.id, "other"): 4,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_senders_at_once_never_give_out_more_places_than_a_day_has(db: Database, seed: int) -> None:
    of = crowd({}, seed=seed, people=8, each=6)
    for mail in of.mails:
        mail.channel = "email"
    build(db, of)
    day = warm_up.day_of(of.now, "UTC")
    plan = db.write(lambda tx: warm_up.begin(tx, ADA, of.now, start=7, target=1_000, days=10, opens=0, spread=0))
    for hour in (0, 2):
        send_all(db, of.now + hour * HOUR, refused=0.3)
    done = db.look(lambda tx: tx.value("SELECT count(*) FROM messages WHERE status IN ('sent', 'failed')"))
    assert done == 7 and went(db, plan) == [(day.isoformat(), 7, 7)]
    assert len(sent_in_order(db)) <= 7
    places = db.look(lambda tx: tx.value("SELECT count(*) FROM warm_up_places"))
    assert places == 7


def test_a_crowd_is_put_off_in_one_go_and_not_looked_through_again(db: Database) -> None:
    journey(db, 400)
    plan, channel = begin(db), Takes()
    db.write(lambda tx: warm_ups.keep(tx, plan.day, [(10_000 + n, plan.id or 0, "other") for n in range(5)]))
    run(db, channel, NOW, runs=1)
    assert channel.got == [] and states(db) == {"queued": 400}
    due = db.look(lambda tx: tx.value("SELECT count(*) FROM messages WHERE due_at <= ?", (NOW + DAY // 2,)))
    assert due == 0
    said = db.look(lambda tx: tx.value("SELECT count(*) FROM decisions WHERE verdict = 'defer'"))
    run(db, channel, NOW + HOUR, runs=1)
    assert said == db.look(lambda tx: tx.value("SELECT count(*) FROM decisions")) == 400


class TwoWays:
    """Every letter may go by either of two accounts."""

    def marketing(self) -> tuple[str, ...]:
        return "a", "b"

    def of(self, of: Any, under: Any) -> tuple[str, ...]:
        return "a", "b"


def test_a_letter_that_finds_no_room_at_the_mark_waits_with_its_reason_on_record_for_whoever_opens_first(
    db: Database,
) -> None:
    journey(db, 1)
    a, b = begin(db, account="a", start=1), begin(db, account="b", start=1)
    sieve, quiet = Sieve(ways=TwoWays), Silence()

    def others(tx: Any) -> list[messages.Leased]:
        """It was leased while there was room; then others took the places of both."""
        found = leasing.lease(tx, "w", ["email"], NOW, 1)
        warm_ups.keep(tx, a.day, [(10_000 + n, plan.id or 0, "other") for n, plan in enumerate((a, b))])
        return found

    (one,) = db.write(others)
    verdict = db.write(lambda tx: sieve.admit(tx, "w", [one.id], "a", NOW, quiet))[one.id]
    assert verdict.answer == "release"
    db.write(lambda tx: messages.record(tx, "w", [held_back(one.id, verdict, NOW)], NOW))
    assert db.write(lambda tx: sieve.sift(tx, None, leasing.due(tx, ["email"], NOW, 1), NOW, quiet)) == []
    said = db.look(lambda tx: tx.rows("SELECT verdict, reason, inputs FROM decisions WHERE message_id = ?", (one.id,)))
    assert len(said) == 1 and said[0][0] == "defer" and "used up" in said[0][1]
    known = load(said[0][2]) if isinstance(said[0][2], str | bytes) else said[0][2]
    assert (known["warm_up"], known["used"], known["allowed"]) == (a.id, 1, 1)
    db.write(lambda tx: tx.run("UPDATE warm_ups SET status = 'stopped' WHERE account = 'a'"))
    room = db.write(lambda tx: sieve.room(tx, sieve.rules(tx, quiet), NOW))
    shut = room.shut(NOW) if room else None
    assert shut is not None and shut[2](1, 0) == NOW + HOUR  # not the morning at which the other one opens


def test_what_waited_for_too_long_or_stands_still_is_not_looked_through_to_put_off_the_rest(db: Database) -> None:
    journey(db, 40)
    db.write(lambda tx: tx.run("UPDATE messages SET queued_at = 5, due_at = 5 WHERE id <= 30"))
    assert db.write(lambda tx: sender_brakes.due(tx, 3, NOW, 0, 9, 20)) == []
    assert len(db.write(lambda tx: sender_brakes.due(tx, 3, NOW, 6, 9, 20))) == 10
    plan = begin(db)
    db.write(lambda tx: warm_ups.keep(tx, plan.day, [(10_000 + n, plan.id or 0, "other") for n in range(5)]))
    run(db, channel := Takes(), NOW)
    assert channel.got == [] and states(db) == {"skipped": 30, "queued": 10}


def test_the_days_move_as_letters_fare() -> None:
    assert warm_up.judge(Figures(tried=100), 100, 100).steps == 1
    assert warm_up.judge(Figures(tried=100), 100, 40).steps == 0  # hardly used: no reason for more
    assert warm_up.judge(Figures(tried=1_000, hard=15, soft=10), 1_000, 1_000).steps == 0  # 2.5 %
    assert warm_up.judge(Figures(tried=1_000, hard=35), 1_000, 1_000).steps == -1
    assert warm_up.judge(Figures(tried=1_000, blocked=60), 1_000, 1_000).steps == -1
    assert warm_up.judge(Figures(tried=1_000, complaints=2), 1_000, 1_000).steps == -1
    stop = warm_up.judge(Figures(tried=1_000, complaints=4), 1_000, 1_000)
    assert stop.stop and "complained of" in stop.word
    assert not warm_up.judge(Figures(tried=50, complaints=1), 50, 50).stop  # one alone


def test_a_new_day_allows_more_and_complaints_stop_everything_until_somebody_goes_on(db: Database) -> None:
    plan = begin(db, start=100)
    day = NOW // reputation.DAY_MS
    db.write(lambda tx: warm_ups.keep(tx, plan.day, [(n, plan.id or 0, "other") for n in range(100)]))
    assert db.write(lambda tx: warm_up.look(tx, NOW + DAY)) == []
    (now,) = db.look(warm_ups.plans)
    assert now.allowed == warm_up.ladder(100, 1_000, 10)[1] and now.day > plan.day
    counts = {("", "gmail", day + 1, "tried"): 500, ("", "gmail", day + 1, "complaints"): 4}
    db.write(lambda tx: reputation.note(tx, counts))
    (told,) = db.write(lambda tx: warm_up.look(tx, NOW + DAY + HOUR))
    assert told.startswith("The warm-up of all letters has stopped. 0.80 % of the letters were complained of")
    journey(db, 1)
    run(db, Takes(), NOW + DAY + HOUR, runs=1)
    assert message(db, 1)[0] == "queued" and "was stopped" in message(db, 1)[1]
    db.write(lambda tx: warm_up.go_on(tx, plan.id or 0, ADA, NOW + DAY + 2 * HOUR))
    assert db.write(lambda tx: warm_up.look(tx, NOW + DAY + 3 * HOUR)) == []  # not for the old again
    actions = [entry.action for entry in db.look(users.trail)]
    assert actions == ["warm_up.go_on", "warm_up.stop", "warm_up.begin"]


def test_a_warm_sender_is_held_back_no_longer(db: Database) -> None:
    plan = begin(db, start=100, target=100, days=3)
    db.write(lambda tx: warm_ups.keep(tx, plan.day, [(n, plan.id or 0, "other") for n in range(100)]))
    db.write(lambda tx: warm_up.look(tx, NOW + DAY))
    assert db.look(warm_ups.plans) == []
    journey(db, 120)
    run(db, channel := Takes(), NOW + DAY)
    assert len(channel.got) == 120


def test_plans_say_what_is_wrong_with_them(db: Database) -> None:
    for changes, said in (
        ({"start": 0}, "at least 1 letter"),
        ({"days": 1}, "3 to 120 days"),
        ({"shares": {"gmial": 5}}, "1 to 100 per cent"),
    ):
        with pytest.raises(warm_up.WarmUpProblem, match=said):
            begin(db, NOW, **changes)
    begin(db)
    with pytest.raises(warm_up.WarmUpProblem, match="runs already"):
        begin(db)
