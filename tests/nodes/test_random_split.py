"""Random split: sticky, by weight, well mixed."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.random_split import RandomSplit
from sojourn.nodes.step import dice

THREE = {"variants": [{"name": "a", "weight": 70}, {"name": "b", "weight": 30}, {"name": "off", "weight": 0}]}


def dealt(node, here):
    return {answer.port: rows for answer, rows in node.step(here)}


def test_shares_follow_the_weights(batch):
    ways = dealt(RandomSplit("s", THREE), batch(20_000))
    assert set(ways) == {"a", "b"}
    assert len(ways["a"]) == pytest.approx(14_000, abs=300)


def test_the_same_contact_always_goes_the_same_way(batch):
    node = RandomSplit("s", THREE)
    whole, part = dealt(node, batch(1_000)), dealt(node, batch(1_000, rows=list(range(300, 600))))
    assert part["a"] == [row for row in whole["a"] if 300 <= row < 600]


def test_two_splits_and_two_salts_do_not_follow_each_other(batch):
    here = batch(20_000)
    first = set(dealt(RandomSplit("s"), here)["a"])
    for other in (RandomSplit("t"), RandomSplit("s", {"salt": "again"})):
        assert len(first & set(dealt(other, here)["a"])) == pytest.approx(5_000, abs=250)


def test_the_dice_never_change():
    """Journeys that run now were dealt by these numbers."""
    assert [round(dice(contact, "split"), 6) for contact in (1, 2, 3)] == [0.564313, 0.857505, 0.932855]
    assert round(dice(2**62, "split", "salt"), 6) == 0.711455


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        ([{"name": "a", "weight": 50}, {"name": "b", "weight": 40}], "add up to 90 instead of 100"),
        ([{"name": "a", "weight": 50}, {"name": "a", "weight": 50}], "names that differ"),
        ([{"name": "A b", "weight": 50}, {"name": "b", "weight": 50}], "small letters"),
    ],
)
def test_what_does_not_add_up_is_refused(variants, sentence):
    with pytest.raises(ValidationError, match=sentence):
        RandomSplit("s", {"variants": variants})
