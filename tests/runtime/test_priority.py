"""A message's class: the policy's word on the journey, else the journey's own, else how people come in."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.policy.priority import rank_of


def content(trigger: str, **more: Any) -> dict[str, Any]:
    return {"name": "j", "nodes": {"in": {"kind": trigger}}, **more}


@pytest.mark.parametrize(
    ("trigger", "rank"),
    [("trigger_event", 1), ("trigger_api", 1), ("trigger_segment", 2), ("trigger_schedule", 3)],
)
def test_it_follows_from_how_people_come_in(trigger: str, rank: int) -> None:
    assert rank_of(content(trigger)) == (rank, 50)


def test_the_journey_says_otherwise_and_the_policy_over_it() -> None:
    own = content("trigger_event", priority={"class": "promo", "weight": 80})
    assert rank_of(own) == (3, 80)
    policy = Policy.model_validate({"priorities": {"j": {"class": "lifecycle", "weight": 5}}})
    assert rank_of(own, policy) == (2, 5)


def test_only_what_is_owed_goes_before_everything() -> None:
    owed = content("trigger_event", message_type="transactional", priority={"class": "promo"})
    assert rank_of(owed)[0] == 0
    assert rank_of(content("trigger_schedule", priority={"class": "transactional"}))[0] == 1
