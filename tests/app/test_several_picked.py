"""Steps lined up and spread, without one lying on another."""

from __future__ import annotations

from sojourn.app.canvas.panels.several_picked import CARD, across, down, left, top

PLACES = {"a": (300.0, 50.0), "b": (10.0, 400.0), "c": (320.0, 90.0)}


def test_lined_up_by_the_first() -> None:
    assert left(PLACES) == {"a": (10, 50), "b": (10, 400), "c": (10, 90)}
    assert top(PLACES) == {"a": (300, 50), "b": (10, 50), "c": (320, 50)}


def test_spread_evenly_and_never_on_top_of_one_another() -> None:
    assert down(PLACES) == {"a": (300, 50), "c": (320, 225), "b": (10, 400)}
    assert across(PLACES) == {"b": (10, 400), "a": (10 + CARD[0], 50), "c": (10 + 2 * CARD[0], 90)}
