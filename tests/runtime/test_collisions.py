"""Journeys that exclude each other, and the step that switches between journeys: exact, counted, explained."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from sojourn.nodes.node import Reentry
from sojourn.runtime import collisions
from sojourn.runtime.collisions import Groups
from sojourn.runtime.entries import admit, enroll
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.storage import turned_away
from sojourn.storage.database import Database, Tx

from .conftest import HOUR, Stage

Step = Callable[..., dict[str, Any]]


def group(stage: Stage, when_met: str, *journeys: str, **more: Any) -> None:
    said = {"groups": [{"name": "winter", "journeys": list(journeys), "when_met": when_met}], **more}
    policy = Policy.model_validate(said)
    stage.db.write(lambda tx: policies.propose(tx, policy, "owner@example.com", stage.clock.now_ms()))


def inside(stage: Stage, contact: int = 1) -> set[str]:
    return {
        name
        for (name,) in stage.rows(
            "SELECT j.name FROM enrollments e JOIN journeys j ON j.id = e.journey_id"
            " WHERE e.ended_at IS NULL AND e.contact_id = ?",
            contact,
        )
    }


def refusals(stage: Stage, contact: int = 1) -> list[tuple[str, str, int]]:
    lines = stage.db.look(lambda tx: turned_away.of(tx, contact))
    return [(line.journey, collisions.sentence(line), line.n) for line in lines]


@pytest.fixture
def shop(stage: Stage, step: Step) -> Stage:
    """Two journeys by event, and one that anybody may be sent into; each holds people for a day."""
    stage.people(4)
    for name, event in (("spring", "looked"), ("cart", "added")):
        stage.journey(
            name,
            {
                "start": step("trigger_event", {"event": event, "reentry": "always"}, next="letter"),
                "letter": step("email", {"letter": "hello"}, next="end"),
                "end": step("exit", {}),
            },
        )
    stage.journey(
        "thanks",
        {
            "start": step("trigger_api", {"reentry": "once"}, next="day"),
            "day": step("wait", {"amount": 1, "unit": "days"}, next="end"),
            "end": step("exit", {}),
        },
    )
    return stage


def test_who_is_in_one_of_a_group_does_not_come_into_another(shop: Stage) -> None:
    group(shop, "refuse", "spring", "cart")
    shop.happens(1, "looked")
    shop.happens(1, "added", "added")
    shop.happens(2, "added")
    assert (inside(shop), inside(shop, 2)) == ({"spring"}, {"cart"})
    why = "They were in “spring”, and the group “winter” lets nobody be in both."
    assert refusals(shop) == [("cart", why, 2)]
    assert shop.db.look(lambda tx: turned_away.counts(tx, 0)) == {2: 1}
    shop.beat()
    shop.hand_over()
    shop.beat()
    shop.happens(1, "added")
    assert inside(shop) == {"cart"}, "whoever has left the one may come into the other"


def test_the_higher_takes_over_and_the_lower_gives_way(shop: Stage) -> None:
    group(shop, "higher_wins", "spring", "cart", priorities={"spring": {"class": "promo"}})
    shop.happens(1, "looked")
    shop.beat()
    assert shop.rows("SELECT status FROM messages") == [("queued",)]
    shop.happens(1, "added")
    shop.happens(1, "looked")
    assert inside(shop) == {"cart"}
    assert shop.ended() == {1: "gave_way"}
    assert shop.rows("SELECT status, reason FROM messages") == [("skipped", collisions.HELD)]
    assert shop.rows("SELECT verdict, reason FROM decisions") == [("skip", collisions.HELD)]
    assert [name for name, _, _ in refusals(shop)] == ["spring"]
    shop.beat()
    assert shop.rows("SELECT port, sum(n) FROM node_deltas WHERE port LIKE 'left:%' GROUP BY port") == [
        ("left:gave_way", 1)
    ]
    assert shop.stray() == []


def test_an_event_that_calls_both_brings_them_into_the_higher(shop: Stage, step: Step) -> None:
    shop.journey("late", {"start": step("trigger_event", {"event": "looked"}, next="end"), "end": step("exit", {})})
    group(shop, "higher_wins", "spring", "late", priorities={"late": {"class": "automation", "weight": 90}})
    shop.happens(1, "looked")
    assert inside(shop) == {"late"}
    assert [name for name, _, _ in refusals(shop)] == ["spring"]


def test_the_goal_that_ends_one_opens_the_other(shop: Stage, step: Step) -> None:
    shop.journey(
        "browse",
        {
            "start": step("trigger_event", {"event": "browsed"}, next="day"),
            "day": step("wait", {"amount": 1, "unit": "days"}),
            "bought": step("goal", {"event": "added"}),
        },
    )
    group(shop, "refuse", "browse", "cart")
    shop.happens(1, "browsed")
    shop.happens(1, "added")
    assert "cart" in inside(shop)


def test_many_are_let_in_and_turned_away_at_once(shop: Stage) -> None:
    group(shop, "refuse", "spring", "thanks")
    shop.happens(2, "looked")
    now = shop.clock.now_ms()
    assert shop.db.write(lambda tx: enroll(tx, shop.shelf, "thanks", [1, 2, 3], now)) == 2
    assert [name for name, _, _ in refusals(shop, 2)] == ["thanks"]


@pytest.mark.postgres
def test_two_workers_do_not_bring_somebody_into_both(shop: Stage, db: Database) -> None:
    """While one transaction brings them into the one, another one waits, and then finds them there."""
    if not db.postgres:
        pytest.skip("SQLite has one writer.")
    group(shop, "refuse", "spring", "cart")
    now = shop.clock.now_ms()
    shop.db.write(lambda tx: shop.shelf.refresh(tx))
    came: dict[str, int] = {}
    both = threading.Barrier(2)

    def bring(name: str) -> None:
        program = shop.shelf.live(name)
        assert program

        def job(tx: Tx) -> int:
            if name not in came:
                came[name] = 0
                both.wait(10)
            return admit(tx, program, 0, Reentry("always"), [(contact, None) for contact in (1, 2, 3, 4)], now)

        came[name] = db.write(job)

    workers = [threading.Thread(target=bring, args=(name,)) for name in ("spring", "cart")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted(came.values()) == [0, 4]
    assert all(len(inside(shop, contact)) == 1 for contact in (1, 2, 3, 4))


def test_without_groups_nothing_is_asked(stage: Stage) -> None:
    assert not stage.db.look(Groups)


# ── the step Switch to ────────────────────────────────────────────────────────────────────────────────


def buying(shop: Stage, step: Step, **settings: Any) -> None:
    shop.journey(
        "buying",
        {
            "start": step("trigger_event", {"event": "bought", "reentry": "always"}, next="switch"),
            "switch": step("switch_to", settings, next="end"),
            "end": step("exit", {}),
        },
    )


def test_a_purchase_leaves_promotions_and_enters_the_thanks(shop: Stage, step: Step) -> None:
    buying(shop, step, leave_classes=["promo"], enter="thanks")
    group(shop, "refuse", "spring", "cart", priorities={"spring": {"class": "promo"}})
    for contact in (1, 2):
        shop.happens(contact, "looked")
    shop.happens(3, "added")
    shop.beat()
    for contact in (1, 3):
        shop.happens(contact, "bought")
    shop.beat()
    assert [inside(shop, contact) for contact in (1, 2, 3)] == [{"thanks"}, {"spring"}, {"cart", "thanks"}]
    assert shop.rows("SELECT contact_id, status FROM messages ORDER BY contact_id") == [
        (1, "skipped"),
        (2, "queued"),
        (3, "queued"),
    ]
    (came_by,) = shop.rows(
        "SELECT ev.name FROM enrollments e JOIN events ev ON ev.id = e.event_id"
        " WHERE e.contact_id = 1 AND e.ended_at IS NULL"
    )
    assert came_by == ("bought",), "what brought them here is known there too"
    assert shop.stray() == []


def test_the_rules_of_the_journey_entered_hold(shop: Stage, step: Step) -> None:
    buying(shop, step, leave=["spring"], enter="thanks")
    shop.happens(1, "bought")
    shop.beat()
    shop.beat(25 * HOUR)
    shop.beat(25 * HOUR)
    shop.happens(1, "bought")
    shop.beat()
    assert inside(shop) == set()
    assert refusals(shop) == [("thanks", "They have been in it before and may not come in again yet.", 1)]


def test_two_journeys_do_not_throw_somebody_back_and_forth(stage: Stage, step: Step) -> None:
    stage.people(1)
    for name, other in (("ping", "pong"), ("pong", "ping")):
        stage.journey(
            name,
            {
                "start": step("trigger_api", {"reentry": "always"}, next="switch"),
                "switch": step("switch_to", {"enter": other}, next="end"),
                "end": step("exit", {}),
            },
        )
    stage.db.write(lambda tx: enroll(tx, stage.shelf, "ping", [1], stage.clock.now_ms()))
    for _ in range(30):
        stage.beat(60_000)
    assert stage.rows("SELECT count(*) FROM enrollments") == [(2,)]
    assert refusals(stage)[0][0] == "ping"


def test_a_journey_that_is_not_live_is_said_to_be_closed(shop: Stage, step: Step) -> None:
    buying(shop, step, enter="thanks")
    shop.db.write(lambda tx: tx.run("UPDATE journeys SET status = 'paused' WHERE name = 'thanks'"))
    shop.happens(1, "bought")
    shop.beat()
    assert refusals(shop) == [("thanks", "It was not live.", 1)]
