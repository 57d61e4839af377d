"""How a journey stands among the others, and why."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.runtime.policy.standing import class_of, standing


def content(*kinds: str, **more: Any) -> dict[str, Any]:
    return {"nodes": {kind: {"kind": kind} for kind in kinds}, **more}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (content("trigger_event", "email"), ("automation", 50)),
        (content("trigger_segment"), ("lifecycle", 50)),
        (content("trigger_schedule"), ("promo", 50)),
        (content("trigger_schedule", "trigger_api"), ("automation", 50)),
        (content(), ("promo", 50)),
        (content("trigger_event", priority={"class": "promo", "weight": 7}), ("promo", 7)),
        (content("trigger_segment", priority={"weight": 7}), ("lifecycle", 7)),
        (content("trigger_event", priority={"class": "transactional"}), ("automation", 50)),
        (content("trigger_schedule", message_type="transactional"), ("transactional", 50)),
        (content("trigger_schedule", priority="high"), ("promo", 50)),
    ],
)
def test_what_was_chosen_counts_and_else_how_people_come_in(written: dict[str, Any], found: tuple[str, int]) -> None:
    assert class_of(written)[:2] == found


def test_the_reason_is_said() -> None:
    assert standing(content("trigger_segment")) == (
        "It counts as lifecycle, because people come in by a segment, with weight 50 of 100."
    )
