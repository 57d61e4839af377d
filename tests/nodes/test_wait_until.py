"""Wait until: what happens first, the event or the end of patience."""

from sojourn.nodes.step import HOUR_MS, Condition, EventNeed, Go, Hold
from sojourn.nodes.wait_until import WaitUntil

SETTINGS = {"event": "purchased", "amount": 2, "unit": "hours"}
NEED = EventNeed("purchased", since="arrived")


def test_happened_timed_out_and_still_waiting(batch):
    here = batch(3, {NEED: [1, 0, 0]}, now_ms=10 * HOUR_MS, since_ms=[9 * HOUR_MS, 8 * HOUR_MS, 9 * HOUR_MS])
    node = WaitUntil("w", SETTINGS)
    assert node.needs() == (NEED,)
    assert node.step(here) == [(Go("happened"), [0]), (Go("timed_out"), [1]), (Hold(11 * HOUR_MS, "purchased"), [2])]


def test_who_did_it_in_time_but_is_looked_at_late_counts_as_happened(batch):
    here = batch(1, {NEED: [1]}, now_ms=100 * HOUR_MS, since_ms=[0])
    assert WaitUntil("w", SETTINGS).step(here) == [(Go("happened"), [0])]


def test_only_events_with_the_right_properties_count():
    node = WaitUntil("w", {**SETTINGS, "where": [{"property": "total", "op": "more_than", "value": 100}]})
    assert node.needs() == (EventNeed("purchased", (Condition("total", "more_than", 100),), since="arrived"),)


def test_one_and_true_are_not_the_same_question():
    """Needs are keys: in Python 1 == True, so the facts of one would answer the other."""
    one, true = (
        WaitUntil("w", {**SETTINGS, "where": [{"property": "gift", "value": value}]}).needs() for value in (1, True)
    )
    assert one != true
