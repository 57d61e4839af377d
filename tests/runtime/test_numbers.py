"""One letter, two letters: counts in sentences."""

from __future__ import annotations

from sojourn.runtime.channels.channel import Health
from sojourn.runtime.numbers import counted
from sojourn.runtime.way_out import health_of


class Shut:
    """A way out that is closed."""

    def health(self) -> Health:
        return Health(False, "The mail server does not answer")


def test_one_is_one_and_all_else_are_many() -> None:
    assert [counted(n, "letter") for n in (0, 1, 2)] == ["0 letters", "1 letter", "2 letters"]
    assert counted(1, "person is", "people are") == "1 person is"
    assert counted(12_345, "person is", "people are") == "12\u2009345 people are"


def test_what_waits_is_told_in_the_right_number() -> None:
    assert health_of({}, {"sms": 1}).sentences == ("Nothing is configured for sms; 1 message waits until it is.",)
    assert not health_of({}, {}, ["The account b cannot be opened."]).ok
    (one,) = health_of({"email": Shut()}, {"email": 1}).sentences  # type: ignore[dict-item]
    (two,) = health_of({"email": Shut()}, {"email": 2}).sentences  # type: ignore[dict-item]
    assert one == "The mail server does not answer; 1 message waits and goes when it is back."
    assert two == "The mail server does not answer; 2 messages wait and go when it is back."
