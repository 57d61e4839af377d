"""People walk: waits, time-outs, goals, caps, letters; nobody is lost and nobody is asked twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sojourn.nodes.step import Answers, Batch
from sojourn.nodes.update import Update
from sojourn.runtime.counting import journey_counts
from sojourn.storage import journeys
from sojourn.storage.database import Tx

from .conftest import DAY, HOUR, Stage

Step = Callable[..., dict[str, Any]]


@pytest.fixture
def cart(stage: Stage, step: Step) -> Stage:
    """The abandoned cart: an hour for the purchase, a letter, a day, another letter; a purchase ends it anywhere."""
    stage.people(3, country="CZ")
    stage.journey(
        "cart",
        {
            "cart": step("trigger_event", {"event": "added_to_cart", "reentry": "always"}, next="hour"),
            "hour": step(
                "wait_until", {"event": "purchased", "amount": 1, "unit": "hours"}, happened="done", timed_out="cap"
            ),
            "cap": step("cap", {"max": 1, "amount": 7, "unit": "days"}, ok="letter", capped="done"),
            "letter": step("email", {"letter": "reminder"}, next="day"),
            "day": step("wait", {"amount": 1, "unit": "days"}, next="done"),
            "done": step("exit", {}),
            "bought": step("goal", {"event": "purchased"}),
        },
    )
    return stage


def test_a_letter_after_an_hour_without_a_purchase(cart: Stage) -> None:
    cart.happens(1, "added_to_cart", total=40)
    cart.beat()
    assert cart.standing() == {1: "hour"}
    cart.beat(HOUR - 1)
    assert cart.standing() == {1: "hour"}
    cart.beat(1)
    assert cart.standing() == {1: "letter"}
    assert cart.rows("SELECT contact_id, channel, content, status, seq FROM messages") == [
        (1, "email", "reminder", "queued", 2)
    ]
    assert cart.beat(HOUR).contacts == 0, "a message on its way keeps its place"
    cart.hand_over()
    cart.beat()
    assert cart.standing() == {1: "day"}
    cart.beat(DAY)
    assert cart.ended() == {1: "done"}
    assert cart.stray() == []


def test_a_purchase_ends_it_wherever_they_stand(cart: Stage) -> None:
    for contact in (1, 2, 3):
        cart.happens(contact, "added_to_cart")
    cart.beat()
    cart.happens(1, "purchased")
    cart.beat(HOUR)
    cart.happens(2, "purchased")  # the letter is in the outbox
    cart.hand_over()
    cart.beat()
    cart.happens(3, "purchased")  # waiting out the day
    cart.beat()
    assert cart.ended() == {1: "goal", 2: "goal", 3: "goal"}
    assert len(cart.rows("SELECT * FROM conversions")) == 3
    assert [row[0] for row in cart.rows("SELECT contact_id FROM messages ORDER BY 1")] == [2, 3]


def test_cart_and_purchase_in_one_request(cart: Stage) -> None:
    cart.happens(1, "added_to_cart", "purchased")
    cart.beat()
    cart.beat(2 * HOUR)
    assert cart.ended() == {1: "goal"}
    assert cart.rows("SELECT * FROM messages") == []


def test_nobody_is_inside_twice_and_a_cap_is_kept_across_stays(cart: Stage) -> None:
    cart.happens(1, "added_to_cart", "added_to_cart")
    cart.beat(HOUR)
    cart.beat(HOUR)
    cart.hand_over()
    cart.beat()
    cart.beat(DAY)
    cart.happens(1, "added_to_cart")
    cart.beat()
    cart.beat(HOUR)
    assert cart.ended() == {1: "done"}
    assert len(cart.rows("SELECT * FROM enrollments")) == 2
    assert len(cart.rows("SELECT * FROM messages")) == 1, "the second letter within seven days is capped"


def test_reentry_once_and_after_some_days(stage: Stage, step: Step) -> None:
    stage.people(1)
    for name, reentry in (("once", {}), ("after", {"reentry": "after", "reentry_days": 3})):
        stage.journey(
            name,
            {"in": step("trigger_event", {"event": "seen", **reentry}, next="out"), "out": step("exit")},
        )
    for day in range(5):
        stage.happens(1, "seen")
        stage.beat(DAY)
        entries = dict(
            stage.rows("SELECT j.name, count(*) FROM enrollments e JOIN journeys j ON j.id = e.journey_id GROUP BY 1")
        )
        assert entries == {"once": 1, "after": 1 if day < 3 else 2}


def test_trigger_filters_and_branches_read_profile_and_event(stage: Stage, step: Step) -> None:
    stage.people(4, country=lambda n: "CZ" if n % 2 else "DE")
    stage.journey(
        "big",
        {
            "in": step(
                "trigger_event",
                {
                    "event": "purchased",
                    "where": [{"property": "total", "op": "at_least", "value": 100}],
                    "rule": {"property": "country", "op": "equals", "value": "CZ"},
                },
                next="large",
            ),
            "large": step("branch", {"rule": {"trigger": "total", "op": "more_than", "value": 500}}, yes="a", no="b"),
            "a": step("exit", {"reason": "large"}),
            "b": step("exit", {"reason": "small"}),
        },
    )
    stage.happens(1, "purchased", total=1000)
    stage.happens(2, "purchased", total=1000)
    stage.happens(3, "purchased", total=120)
    stage.happens(1, "purchased", total=20)
    stage.beat()
    assert stage.ended() == {1: "large", 3: "small"}


def test_update_is_seen_by_the_next_node_and_kept(stage: Stage, step: Step) -> None:
    stage.people(20, tier="silver", keep=1)
    stage.journey(
        "update",
        {
            "in": step("trigger_event", {"event": "seen"}, next="set"),
            "set": step("update", {"set": {"tier": "gold"}, "unset": ["keep"]}, next="gold"),
            "gold": step("branch", {"rule": {"property": "tier", "op": "equals", "value": "gold"}}, yes="yes", no="no"),
            "yes": step("exit", {"reason": "gold"}),
            "no": step("exit", {"reason": "silver"}),
        },
    )
    for contact in range(1, 21):
        stage.happens(contact, "seen")
    stage.beat()
    assert set(stage.ended().values()) == {"gold"}
    from sojourn.storage.columns import load

    assert [load(row[0]) for row in stage.rows("SELECT properties FROM contacts WHERE id = 5")] == [{"tier": "gold"}]


def test_a_paused_journey_stands_still_and_goes_on(cart: Stage) -> None:
    cart.happens(1, "added_to_cart")
    cart.beat()
    cart.db.write(lambda tx: tx.run("UPDATE journeys SET status = 'paused'"))
    assert cart.beat(3 * DAY).contacts == 0
    cart.happens(2, "added_to_cart")
    cart.db.write(lambda tx: tx.run("UPDATE journeys SET status = 'live'"))
    cart.beat()
    assert cart.standing() == {1: "letter"}, "a paused journey takes nobody in"


def test_content_that_was_not_approved_does_not_run(cart: Stage) -> None:
    cart.happens(1, "added_to_cart")
    cart.beat()
    cart.shelf._programs.clear()
    cart.shelf._seen = ()
    cart.db.write(lambda tx: tx.run("UPDATE versions SET content_hash = content_hash, approved_hash = 'other'"))
    assert cart.beat(DAY).contacts == 0
    assert any("approved" in trouble for trouble in cart.engine.troubles.values())


def test_people_finish_the_version_they_are_in(cart: Stage, step: Step) -> None:
    cart.happens(1, "added_to_cart")
    cart.beat()
    cart.journey(
        "cart",
        {"cart": step("trigger_event", {"event": "added_to_cart"}, next="out"), "out": step("exit", {"reason": "new"})},
    )
    cart.happens(2, "added_to_cart")
    cart.beat()
    cart.happens(1, "purchased")
    cart.beat()
    assert cart.ended() == {1: "goal", 2: "new"}


def test_counts_add_up(cart: Stage) -> None:
    for contact in (1, 2, 3):
        cart.happens(contact, "added_to_cart")
    cart.beat()
    cart.happens(1, "purchased")
    cart.beat(HOUR)

    def look(tx: Tx) -> dict[str, Any]:
        journey = journeys.journey_named(tx, "cart")
        assert journey
        return {node: counts.as_dict() for node, counts in journey_counts(tx, journey).items()}

    before = cart.db.look(look)
    from sojourn.storage import walking

    cart.db.write(walking.fold)
    counts = cart.db.look(look)
    assert counts == before
    assert (counts["cart"]["entered"], counts["cart"]["moved"]) == (3, {"next": 3})
    assert (counts["hour"]["entered"], counts["hour"]["here_now"], counts["hour"]["moved"]) == (3, 0, {"timed_out": 2})
    assert counts["hour"]["left"] == {"goal": 1}
    assert (counts["letter"]["here_now"], counts["letter"]["messages"]) == (2, {"queued": 2})
    assert counts["bought"]["left"] == {"goal": 1}
    assert sum(step["here_now"] for step in counts.values()) == len(cart.standing())


def test_gone_people_leave_with_the_next_walk(cart: Stage) -> None:
    from sojourn.storage import entering

    cart.happens(1, "added_to_cart")
    cart.beat()
    cart.db.write(lambda tx: entering.send_away(tx, [1], cart.clock.now_ms()))
    cart.beat()
    assert cart.ended() == {1: "gone"}


def test_a_step_that_breaks_stops_its_own_journey_only(
    stage: Stage, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.people(2)
    ways = {"done": step("exit")}
    stage.journey("a", {"in": step("trigger_event", {"event": "a"}, next="tag"), **ways,
                        "tag": step("update", {"set": {"seen": True}}, next="done")})  # fmt: skip
    stage.journey("b", {"in": step("trigger_event", {"event": "b"}, next="done"), **ways})
    monkeypatch.setattr(Update, "step", lambda *_: 1 / 0)
    stage.happens(1, "a")
    stage.happens(2, "b")
    stage.beat()
    assert stage.ended() == {2: "done"}
    assert "ZeroDivisionError" in stage.engine.failing[1]
    monkeypatch.undo()
    stage.beat(HOUR)
    assert stage.ended() == {1: "done", 2: "done"}


def test_whom_a_step_cannot_bear_stands_aside_and_the_others_go_on(
    stage: Stage, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.people(30)
    tag = step("update", {"set": {"seen": True}}, next="done")
    stage.journey("a", {"in": step("trigger_event", {"event": "a"}, next="tag"), "tag": tag, "done": step("exit")})
    for contact in range(1, 31):
        stage.happens(contact, "a")
    answer = Update.step

    def trips_over_seven(self: Update, batch: Batch) -> Answers:
        if 7 in [batch.contact[row] for row in batch.rows]:
            raise ValueError("seven")
        return answer(self, batch)

    monkeypatch.setattr(Update, "step", trips_over_seven)
    stage.beat()
    assert set(stage.standing()) == {7}
    assert "seven" in stage.engine.failing[1]
    assert stage.stray() == []
    monkeypatch.undo()
    stage.beat(HOUR)
    assert len(stage.ended()) == 30


def test_a_goal_on_the_path_is_written_down_and_the_way_goes_on(stage: Stage, step: Step) -> None:
    stage.people(1)
    stage.journey(
        "b",
        {
            "in": step("trigger_event", {"event": "seen"}, next="halfway"),
            "halfway": step("goal", {"leave": False}, next="done"),
            "done": step("exit"),
        },
    )
    stage.happens(1, "seen")
    stage.beat()
    assert stage.ended() == {1: "done"}
    assert len(stage.rows("SELECT * FROM conversions")) == 1
