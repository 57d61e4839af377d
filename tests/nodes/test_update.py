"""Update: properties written and taken away."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.step import Do, SetProfile
from sojourn.nodes.update import Update


def test_properties_are_set_and_taken_away(batch):
    node = Update("u", {"set": {"vip": True, "tags": ["a", "b"], "level": 3}, "unset": ["cart"]})
    values = (("vip", True), ("tags", ("a", "b")), ("level", 3), ("cart", None))
    assert node.step(batch()) == [(Do(SetProfile(values)), [0, 1, 2])]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "needs a property"),
        ({"set": {"a": 1}, "unset": ["a"]}, "decide for one"),
        ({"set": {"email": "x@example.com"}}, "says who the contact is"),
        ({"set": {"a": {"b": 1}}}, "set"),
        ({"set": {"": 1}}, "without a name"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Update("u", settings)
