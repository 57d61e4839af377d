"""Multi split: the first path that fits, else the last one."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.multi_split import MultiSplit
from sojourn.nodes.step import EventNeed, Go, ProfileNeed

PATHS = [
    {"name": "gold", "rule": {"property": "points", "op": "at_least", "value": 1000}},
    {"name": "buyer", "rule": {"event": "purchased"}},
]


def test_the_first_path_that_fits_takes_them(batch):
    node = MultiSplit("m", {"paths": PATHS})
    facts = {ProfileNeed(): [{"points": 2000}, {"points": 5}, {}, {}], EventNeed("purchased"): [3, 1, 0, 0]}
    assert set(node.needs()) == set(facts)
    assert node.step(batch(4, facts)) == [(Go("gold"), [0]), (Go("buyer"), [1]), (Go("else"), [2, 3])]
    assert [port.name for port in node.ports()] == ["gold", "buyer", "else"]


@pytest.mark.parametrize("names", [("gold", "gold"), ("gold", "else")])
def test_names_have_to_differ(names):
    with pytest.raises(ValidationError, match="names that differ"):
        MultiSplit("m", {"paths": [{**path, "name": name} for path, name in zip(PATHS, names, strict=True)]})
