"""The rule builder knows every sort of test: opened they stay as written, and each is made from its inputs."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.canvas.form.around import Around
from sojourn.app.canvas.form.field import fields_of
from sojourn.app.canvas.form.figure import Figure
from sojourn.app.canvas.form.happened import EventLine, MessageLine, way_of
from sojourn.app.canvas.form.rule import FRESH, RuleBuilder
from sojourn.app.canvas.form.standing import JourneyLine
from sojourn.app.canvas.form.stretch import Stretch
from sojourn.nodes.registry import node_types
from sojourn.nodes.rule import TESTS, Rule

from .test_form import Run, drawn, run, widget

__all__ = ["run"]  # the page to draw on

TEST: list[dict[str, Any]] = [
    {"property": "country", "value": "CZ"},
    {"event": "viewed_category", "times": 3, "days": 7, "where": [{"property": "category", "value": "Running"}]},
    {"event": "purchased", "did": False, "to_days": 30, "days": 90.5},
    {"event": "purchased", "sum": "total", "op": "more_than", "value": 150},
    {"event": "visited", "on_days": True, "times": 4, "count": "exactly", "between": ["2026-05-01", "2026-05-31"]},
    {"event": "purchased", "since": "entered", "days": 3},
    {"message": "opened", "did": False, "channel": "email", "days": 30, "times": 2, "count": "at_most"},
    {"message": "clicked", "step": "first"},
    {"feature": "stage", "op": "in", "value": ["loyal", "at_risk"]},
    {"feature": "last_order_at", "op": "within_days", "value": 30},
    {"feature": "orders", "op": "in", "value": [1, 2]},
    {"feature": "invented_later", "op": "at_least", "value": 1},
    {"segment": "loyal", "member": False},
    {"consent": "marketing", "channel": "sms", "state": "withdrawn"},
    {"journey": "welcome", "was": "converted", "did": False, "days": 30},
    {"journey": "welcome", "was": "inside"},
    {"trigger": "total", "op": "more_than", "value": 10},
]


def builder(rule: dict[str, Any], inside: bool = True) -> RuleBuilder:
    field = next(each for each in fields_of(node_types()["branch"].Settings) if each.name == "rule")
    return RuleBuilder([field], {"rule": rule}, Around(inside=inside), lambda: None)


@pytest.mark.parametrize("test", TEST, ids=lambda test: next(iter(test)))
def test_a_test_that_is_only_looked_at_stays_as_it_is(test: dict[str, Any]) -> None:
    rule = {"all": [test, {"not": {"any": [test, {"property": "a"}]}}]}
    made = builder(rule)
    made.place({"all": [{**test}, {"not": {"any": [test, {"property": "b"}]}}]})
    made.place(rule)
    assert made.tree.written() == rule


def test_every_sort_of_test_can_be_added() -> None:
    assert {*FRESH} == {*TESTS}
    assert "trigger" not in builder({"property": "a", "value": 1}, inside=False)._kinds


def test_when_it_happened_is_chosen_in_words() -> None:
    line = EventLine({"event": "a"}, Around(), lambda: None)
    when = Stretch(line)
    for way, expected in (
        ("last", {"days": 30}), ("range", {"days": 31, "to_days": 30}), ("older", {"to_days": 30}),
        ("entered", {"since": "entered"}), ("ever", {}),
    ):  # fmt: skip
        when._choose(way)
        assert line.test == {"event": "a", **expected}
        Rule.model_validate(line.test)
    when._choose("dates")
    assert line.waiting() == ["Say from which day to which."]
    when._inputs["from"].value, when._inputs["to"].value = "2026-05-01", "2026-05-31"
    assert line.test["between"] == ["2026-05-01", "2026-05-31"] and not line.waiting()


def test_adding_up_takes_the_place_of_counting() -> None:
    line = EventLine({"event": "purchased", "times": 3, "count": "exactly", "did": False}, Around(), lambda: None)
    line._choose("sum")
    assert line.test == {"event": "purchased", "sum": ""} and not line._did.enabled
    assert line.waiting() == ["Say which property to add up, and what to compare the sum with."]
    line.put({"sum": "total", "value": 150})
    assert "the sum of total over all purchased is at least 150" in Rule.model_validate(line.test).words()
    line._choose("days")
    assert line.test == {"event": "purchased", "on_days": True} and way_of(line.test) == "days"


def test_a_figure_has_comparisons_that_suit_it() -> None:
    figure = Figure({"feature": "orders", "op": "at_least", "value": 2}, Around(), lambda: None)
    figure.input.value = "last_order_at"
    assert figure.test == {"feature": "last_order_at", "op": "within_days", "value": 2}
    assert "at_least" not in figure.op.options


def test_who_is_inside_a_journey_is_now() -> None:
    line = JourneyLine({"journey": "welcome", "days": 30}, Around(), lambda: None)
    line._choose("inside:False")
    assert line.test == {"journey": "welcome", "was": "inside", "did": False} and not line._when.visible
    Rule.model_validate(line.test)


def test_a_segment_is_completed_in_the_form_of_its_trigger(run: Run) -> None:
    from sojourn.app.canvas.form.around import Option
    from sojourn.app.canvas.form.named import SegmentName

    named = widget(drawn("trigger_segment"), "segment")
    assert isinstance(named, SegmentName)

    async def there() -> list[Option]:
        return [Option("loyal", "Loyal · 12")]

    async def walk() -> None:
        named.around = Around(segments=there)
        assert [each.value for each in await named.offer()] == ["loyal"]

    run(walk)


def test_messages_are_about_a_channel_outside_of_journeys() -> None:
    line = MessageLine({"message": "opened"}, Around(inside=False), lambda: None)
    line._inputs["channel"]("email")
    assert line.test == {"message": "opened", "channel": "email"}
