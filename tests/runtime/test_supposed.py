"""Asking the gate about a message that does not exist, and what a policy would have meant for those that went."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sojourn.runtime import settings
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.effect import effect
from sojourn.runtime.policy.hygiene import Silence
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.policy.sieve import Sieve
from sojourn.runtime.policy.supposed import Answer, NoSuchContact, Supposed, suppose
from sojourn.storage import consents
from sojourn.storage.consents import Said
from sojourn.storage.database import Tx
from sojourn.storage.suppressions import suppress

from .conftest import DAY, HOUR, T0, Stage

TOUCH = "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node,arrived_at"
NIGHT = [{"channels": ["sms"], "from": "20:00", "to": "08:00", "spread_minutes": 0}]


@pytest.fixture
def prague(stage: Stage) -> Stage:
    stage.people(3, timezone="Europe/Prague")
    stage.db.write(lambda tx: tx.run("UPDATE contacts SET phone = '+42060000000' || id"))
    stage.db.write(lambda tx: consents.append(tx, [Said(1, "sms", "granted", "test", "marketing")], T0))
    return stage


def set_policy(stage: Stage, **written: Any) -> None:
    stage.db.write(lambda tx: policies.propose(tx, Policy.model_validate(written), "ada@example.com", T0))


def touch(stage: Stage, contact: int, *at_ms: int, channel: str = "email", rank: int = 3) -> None:
    def job(tx: Tx) -> None:
        first = (tx.value("SELECT max(message_id) FROM touches") or 0) + 1
        rows = [(first + n, contact, at, channel, "marketing", rank, 1, first + n, 0, 0) for n, at in enumerate(at_ms)]
        tx.insert("touches", TOUCH, rows)

    stage.db.write(job)


def ask(stage: Stage, **asked: Any) -> Answer:
    return stage.db.look(lambda tx: suppose(tx, Supposed(**{"contact_id": 1, **asked}), T0))


# ── one message ───────────────────────────────────────────────────────────────────────────────────────


def test_every_question_is_answered_in_order_and_nothing_is_written(prague: Stage) -> None:
    set_policy(prague, quiet_hours=NIGHT, caps=[{"name": "few", "max": 1, "in": "7 days", "channels": ["sms"]}])
    touch(prague, 1, T0 - HOUR, channel="sms")
    before = prague.rows("SELECT count(*) FROM decisions")
    answer = ask(prague, channel="sms", at=datetime.fromisoformat("2026-09-25T21:30"))  # their own clock
    assert (answer.verdict.answer, answer.verdict.rule) == ("defer", "quiet_hours")
    assert answer.local(answer.verdict.until_ms) == "2026-09-26T08:00+02:00"
    against = [(each.code, each.verdict.answer) for each in answer.questions if each.verdict]
    assert against == [("hours", "defer"), ("cap", "defer")]
    assert next(each.code for each in answer.questions) == "erased"
    assert answer.written()["zone_from"] == "the profile’s time zone"
    assert prague.rows("SELECT count(*) FROM decisions") == before


def test_a_moment_with_a_zone_is_that_moment_and_the_class_counts(prague: Stage) -> None:
    set_policy(prague, quiet_hours=NIGHT)
    evening = datetime(2026, 9, 25, 19, 30, tzinfo=UTC)  # half past nine in Prague
    assert ask(prague, channel="sms", at=evening).verdict.answer == "defer"
    assert ask(prague, channel="sms", at=evening, class_="transactional").verdict.go
    assert ask(prague, channel="email", at=evening).verdict.go


def test_whoever_did_not_agree_gets_nothing(prague: Stage) -> None:
    answer = ask(prague, channel="sms", at=T0, contact_id=2)
    assert (answer.verdict.answer, answer.verdict.rule) == ("skip", "no_consent")
    with pytest.raises(NoSuchContact):
        ask(prague, channel="sms", at=T0, contact_id=99)


def test_as_a_message_of_a_journey(prague: Stage, step: Any) -> None:
    prague.journey("welcome", {"in": step("trigger_event", {"event": "came"}, next="out"), "out": step("exit")})
    assert ask(prague, channel="email", at=T0, journey="welcome").class_ == "automation"
    set_policy(prague, priorities={"welcome": {"class": "promo", "weight": 9}})
    answer = ask(prague, channel="email", at=T0, journey="welcome")
    assert (answer.class_, answer.weight) == ("promo", 9)


# ── what went lately ──────────────────────────────────────────────────────────────────────────────────


def test_what_a_policy_would_have_meant_is_counted_over_the_ledger(prague: Stage) -> None:
    noon = T0 - T0 % DAY + 10 * HOUR - DAY  # midday in Prague, the day before
    touch(prague, 1, noon, noon + HOUR, noon + 2 * HOUR)  # three in a row
    touch(prague, 2, noon, channel="sms")
    touch(prague, 3, noon - 12 * HOUR, channel="sms")  # midnight
    touch(prague, 3, noon - 30 * DAY)  # long ago: does not count

    def would(**written: Any) -> tuple[int, int, int]:
        found = prague.db.look(lambda tx: effect(tx, Policy.model_validate(written), T0))
        return found.messages, found.waited, found.left_out

    assert would() == (5, 0, 0)
    assert would(caps=[{"name": "one", "max": 1, "in": "1 day", "when_hit": "skip"}]) == (5, 0, 2)
    assert would(caps=[{"name": "one", "max": 2, "in": "2 hours"}]) == (5, 0, 0)
    assert would(caps=[{"name": "one", "max": 1, "in": "1 days"}]) == (5, 2, 0)
    assert would(quiet_hours=NIGHT) == (5, 1, 0)
    said = prague.db.look(lambda tx: effect(tx, Policy.model_validate({"quiet_hours": NIGHT}), T0)).sentence
    assert said == "With these rules 1 of the 5 messages of the last 7 days would have waited, 0 would not have gone."


def test_what_is_told_beforehand_is_what_the_outbox_then_does(stage: Stage, step: Any) -> None:
    zones = ("Europe/Prague", "America/New_York", "Asia/Tokyo", "not a zone")
    stage.people(20, agreed=False, timezone=lambda n: zones[n % 4])
    agreed = [Said(n, "email", "granted", "test", "marketing") for n in range(1, 18)]
    stage.db.write(lambda tx: consents.append(tx, agreed, T0))
    stage.db.write(lambda tx: tx.run("UPDATE contacts SET email = NULL WHERE id IN (3, 4)"))
    stage.db.write(lambda tx: suppress(tx, "p5@example.com", "email", "It bounced.", T0))
    set_policy(
        stage, caps=[{"name": "few", "max": 2, "in": "7 days", "when_hit": "skip"}], cool_down={"email": "3 hours"},
        quiet_hours=[{"from": "20:00", "to": "09:00"}],
    )  # fmt: skip
    for contact in range(6, 12):
        touch(stage, contact, *(T0 - (n + 1) * 20 * HOUR for n in range(contact - 6)))
    touch(stage, 12, T0 - HOUR)
    nodes = {"mail": step("email", {"letter": "hi"}, next="out"), "out": step("exit")}
    stage.journey("hello", {"in": step("trigger_event", {"event": "came"}, next="mail"), **nodes})
    told = {}
    for contact in range(1, 21):
        answer = ask(stage, contact_id=contact, channel="email", at=T0, journey="hello").verdict
        told[contact] = (answer.answer, answer.rule, answer.reason, answer.until_ms)
        stage.happens(contact, "came")
    stage.beat()
    queued = [key for (key,) in stage.rows("SELECT id FROM messages ORDER BY id")]
    said = stage.db.look(lambda tx: Sieve().judge(tx, queued, T0, Silence.of(settings.load(tx))))
    done = {of.contact_id: (v.answer, v.rule, v.reason, v.until_ms) for of, v in said.values()}
    assert told == done
    rules = {rule for _, rule, _, _ in done.values()}
    assert rules >= {"go", "no_address", "suppressed", "no_consent", "quiet_hours", "cap", "cool_down"}
