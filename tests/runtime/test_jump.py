"""The way back: nobody is asked twice in one walk, letters of a second round are letters of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sojourn.nodes.step import EventNeed
from sojourn.runtime.counting import journey_counts
from sojourn.storage import journeys

from .conftest import DAY, HOUR, Stage

Step = Callable[..., dict[str, Any]]


@pytest.fixture
def reminders(stage: Stage, step: Step) -> Stage:
    """A letter every week until they buy."""
    stage.people(2)
    stage.journey(
        "remind",
        {
            "start": step("trigger_event", {"event": "added_to_cart", "reentry": "always"}, next="a-letter"),
            "a-letter": step("email", {"letter": "reminder"}, next="day"),
            "day": step("wait_until", {"event": "purchased", "amount": 1, "unit": "days"}, happened="done",
                        timed_out="again"),
            "again": step("jump", {"to": "a-letter", "amount": 6, "unit": "days"}),
            "done": step("exit"),
        },
    )  # fmt: skip
    return stage


def test_they_come_round_until_they_buy(reminders: Stage) -> None:
    reminders.happens(1, "added_to_cart")
    for round_ in (1, 2, 3):
        reminders.beat()
        assert reminders.standing() == {1: "a-letter"}
        assert len(reminders.rows("SELECT id FROM messages")) == round_
        assert reminders.beat().contacts == 0, "nobody spins"
        reminders.hand_over()
        reminders.beat()
        reminders.beat(DAY)
        assert reminders.standing() == {1: "again"}
        reminders.beat(6 * DAY - HOUR)
        assert reminders.standing() == {1: "again"}
        reminders.beat(HOUR)
        assert reminders.stray() == []
    reminders.hand_over()
    reminders.beat()
    reminders.happens(1, "purchased")
    reminders.beat()
    assert reminders.ended() == {1: "done"}
    messages = reminders.rows("SELECT enrollment_id, seq, node FROM messages")
    assert len(messages) == len(set(messages)) == 4


def test_counts_of_a_circle_add_up(reminders: Stage) -> None:
    for contact in (1, 2):
        reminders.happens(contact, "added_to_cart")
    for later in (0, DAY, 6 * DAY, 0, DAY):
        reminders.beat(later)
        reminders.hand_over()
        reminders.beat()

    def look(tx: Any) -> Any:
        journey = journeys.journey_named(tx, "remind")
        assert journey is not None
        return journey_counts(tx, journey)

    counts = reminders.db.look(look)
    assert counts["again"].moved == {"back": 2}
    assert counts["a-letter"].entered == 4
    assert sum(step.here for step in counts.values()) == 2


def test_facts_about_now_are_asked_anew_in_each_round(reminders: Stage) -> None:
    assert EventNeed("purchased", since="arrived")  # what wait_until asks: a purchase before this round is no answer
    reminders.happens(1, "added_to_cart")
    reminders.beat()
    reminders.happens(1, "purchased")  # while the letter is on its way: before they arrive at the wait
    reminders.hand_over()
    reminders.beat(HOUR)
    assert reminders.standing() == {1: "day"}
