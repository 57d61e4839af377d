"""A full mailbox is given a few chances; who has not been seen for long is called back, then left alone."""

from __future__ import annotations

import pytest

from sojourn.runtime import settings
from sojourn.runtime.channels.channel import Delivered, Refused, TryLater
from sojourn.runtime.channels.replies import is_full
from sojourn.runtime.policy import hygiene
from sojourn.runtime.policy.hygiene import DAY_MS, Silence
from sojourn.runtime.results import result_of
from sojourn.storage import suppressions
from sojourn.storage.messages import Leased

NOW = 1_790_000_000_000
ADA = "Ada@example.com"
FULL = Refused(552, "5.2.2 mailbox full", hard=False)


def came_back(db, *outcomes, attempts: int = 0) -> None:
    for outcome in outcomes:
        one = Leased(1, 1, 1, "email", "a", attempts, NOW)
        result = result_of(one, ADA, outcome, {}, NOW)
        db.write(lambda tx, result=result: hygiene.keep(tx, [result], NOW))


def left_alone(db) -> list[str]:
    return [one.reason for one in db.look(suppressions.listed)]


def test_a_mailbox_that_is_gone_is_left_alone_at_once(db):
    came_back(db, Refused(550, "5.1.1 no such user", hard=True))
    assert len(left_alone(db)) == 1


def test_a_full_mailbox_is_left_alone_after_four_in_a_row(db):
    came_back(db, FULL, FULL, FULL)
    assert left_alone(db) == []

    came_back(db, FULL)
    assert "4 letters in a row" in left_alone(db)[0]


def test_a_letter_that_is_taken_wipes_the_slate(db):
    came_back(db, FULL, FULL, FULL, Delivered(250, "ok"), FULL, FULL, FULL)
    assert left_alone(db) == []


def test_the_owner_says_how_many(db):
    db.write(lambda tx: settings.save(tx, "soft_bounces", 2))
    came_back(db, FULL, FULL)
    assert len(left_alone(db)) == 1


def test_a_server_that_never_answered_is_given_up_and_counts_a_filter_does_not(db):
    came_back(db, *[TryLater(450, "4.7.1 greylisted")] * 4, attempts=99)
    assert len(left_alone(db)) == 1

    came_back(db, *[Refused(550, "5.7.1 rejected as spam", hard=False)] * 9)
    assert len(left_alone(db)) == 1


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("5.2.2 over quota", True),
        ("mailbox is full", True),
        ("5.7.1 quota of your reputation is used up", False),
        ("5.3.4 message too large", False),
        ("no such user", False),
    ],
)
def test_what_a_full_mailbox_sounds_like(text: str, full: bool):
    assert is_full(text) == full


@pytest.mark.parametrize(
    ("days", "calls_back", "goes"),
    [(179, False, True), (180, False, False), (180, True, True), (365, True, False), (365, False, False)],
)
def test_who_was_not_seen_for_long_is_called_back_then_left_alone(days: int, calls_back: bool, goes: bool):
    said = Silence(180, 365).refuses(NOW - days * DAY_MS, calls_back, NOW)
    assert (said is None) == goes


def test_an_owner_may_write_to_the_silent():
    assert Silence(0, 0).refuses(NOW - 9_999 * DAY_MS, False, NOW) is None
