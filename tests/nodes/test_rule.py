"""Rules: nested, over batches, the same as a plain reading of them would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sojourn.nodes.operators import OPERATORS
from sojourn.nodes.rule import Rule, passes
from sojourn.nodes.step import (
    DAY_MS,
    ENDLESS_MS,
    Batch,
    Condition,
    EventNeed,
    MessageNeed,
    ProfileNeed,
    TriggerNeed,
    stretch,
)

NOW = 1_767_268_800_000  # 2026-01-01 12:00 UTC


def holds(value, op, wanted=None) -> bool:
    rule = Rule.model_validate({"property": "it", "op": op, "value": wanted})
    return rule.meets_profile({} if value is None else {"it": value}, NOW)


@pytest.mark.parametrize(
    ("value", "op", "wanted", "answer"),
    [
        ("CZ", "equals", "CZ", True),
        ("cz", "equals", "CZ", False),
        ("20", "equals", 20, True),
        (20.0, "equals", "20", True),
        ("007", "equals", "7", False),
        (True, "equals", "true", True),
        (1, "equals", True, False),
        (True, "equals", 1, False),
        (None, "equals", "x", False),
        (None, "not_equals", "x", True),
        (["x"], "equals", "x", False),
        ("3", "in", [1, 2, 3], True),
        ("x", "in", "x", True),
        (None, "in", ["x"], False),
        (None, "not_in", ["x"], True),
        ("20", "more_than", 3, True),
        ("20", "more_than", "3", True),
        (None, "more_than", -1, False),
        (None, "less_than", 1, False),
        ("many", "at_least", 0, False),
        ("nan", "at_most", 0, False),
        (True, "at_least", 0, False),
        (2**63 - 1, "more_than", 2**63 - 2, True),
        (2**63 + 1, "more_than", 2**63, False),  # doubles from here on, as in the stores
        ("1e400", "more_than", 1, False),
        (1e300, "contains", "1", False),
        (-0.0, "starts_with", "0", True),
        ("2026-02-30", "after", "2026-01-01", False),
        ("20260101", "after", "2020-01-01", False),
        (1e300, "after", "2026-01-01", False),
        ("9" * 5000, "more_than", 1, False),
        ("shoes, red", "contains", "red", True),
        (["red", 5], "contains", "5", True),
        (["dark red"], "contains", "red", False),
        ({"red": 1}, "contains", "red", False),
        (None, "not_contains", "red", True),
        (42, "starts_with", 4, True),
        (None, "starts_with", "", False),
        ("a.pdf", "ends_with", ".pdf", True),
        ("", "exists", None, True),
        (None, "missing", None, True),
        ("2026-01-01", "before", "2026-01-01T00:00:01", True),
        ("2026-01-01T01:00:00+02:00", "before", "2026-01-01", True),
        ("2026-01-01T12:00:00Z", "after", 1_767_268_799, True),
        (NOW, "after", "2026-01-01T11:59:59Z", True),
        ("soon", "after", "2026-01-01", False),
        ("2025-12-30", "within_days", 3, True),
        ("2025-12-28", "within_days", 3, False),
        ("2026-01-02", "within_days", 3, False),
        ("0001-01-01T00:00:00+14:00", "within_days", 3, False),
    ],
)
def test_operators_forgive_types(value, op, wanted, answer):
    assert holds(value, op, wanted) is answer


def test_dots_look_into_nested_objects_and_a_name_with_dots_comes_first():
    rule = Rule.model_validate({"property": "address.city", "value": "Brno"})
    assert rule.meets_profile({"address": {"city": "Brno"}}, NOW)
    assert rule.meets_profile({"address.city": "Brno", "address": {"city": "Praha"}}, NOW)
    assert not rule.meets_profile({"address": "Brno"}, NOW)


def test_conditions_of_an_event():
    conditions = (Condition("total", "more_than", 20), Condition("item.kind", "equals", "shoe"))
    assert passes(conditions, {"total": "25", "item": {"kind": "shoe"}})
    assert not passes(conditions, {"total": 25})


def test_events_messages_and_the_event_that_started_it():
    rule = Rule.model_validate(
        {
            "all": [
                {"event": "purchased", "did": False, "times": 2, "days": 30, "since": "entered"},
                {"message": "opened", "step": "first"},
                {"trigger": "total", "op": "more_than", "value": 100},
            ]
        }
    )
    purchases = EventNeed("purchased", (), 30, "entered")
    opens = MessageNeed("opened", "first")
    assert rule.needs() == (purchases, opens, TriggerNeed())
    started = [{"event": "x", "at": 0, "properties": {"total": 150}}] * 3 + [{}]
    facts = {purchases: [1, 2, 0, 0], opens: [1, 1, 0, 3], TriggerNeed(): started}
    assert rule.choose(Batch(NOW, "b", [0, 1, 2, 3], (1, 2, 3, 4), (0,) * 4, (0,) * 4, facts=facts)) == [0]
    assert rule.words() == (
        "did not do purchased at least 2 times in the last 30 days since entering and "
        "opened the message of first and the starting event's total is more than 100"
    )


@pytest.mark.parametrize(
    ("clause", "column", "chosen", "words"),
    [
        ({"event": "purchased", "times": 2, "count": "at_most"}, [0, 2, 3], [0, 1], "did purchased at most 2 times"),
        ({"event": "purchased", "times": 2, "count": "exactly"}, [0, 2, 3], [1], "did purchased exactly 2 times"),
        (
            {"event": "visited", "times": 3, "on_days": True, "days": 30},
            [2, 3],
            [1],
            "did visited on at least 3 days in the last 30 days",
        ),
        (
            {"event": "purchased", "sum": "total", "op": "more_than", "value": 99.5},
            [99.5, 99.6],
            [1],
            "the sum of total over all purchased is more than 99.5",
        ),
        ({"event": "seen", "days": 90, "to_days": 30}, [0, 1], [1], "did seen between 90 and 30 days ago"),
        ({"event": "seen", "did": False, "to_days": 30}, [0, 1], [0], "did not do seen more than 30 days ago"),
        (
            {"event": "seen", "between": ["2026-05-01", "2026-05-31"]},
            [0, 1],
            [1],
            "did seen from 2026-05-01 to 2026-05-31",
        ),
        ({"journey": "welcome", "was": "converted"}, [0, 1], [1], "reached the goal of the journey welcome"),
        ({"journey": "welcome", "was": "inside", "did": False}, [0, 1], [0], "is not inside the journey welcome"),
        ({"feature": "orders", "op": "at_least", "value": 3}, [None, 2, 3], [2], "orders is at least 3"),
        ({"segment": "loyal"}, [True, False], [0], "is in the segment loyal"),
        ({"segment": "loyal", "member": False}, [True, False], [1], "is not in the segment loyal"),
        ({"consent": "news"}, ["granted", "denied", None], [0], "consent to news by email was granted"),
        ({"consent": "n", "state": "unknown"}, ["granted", None], [1], "consent to n by email was never asked for"),
    ],
)  # fmt: skip
def test_what_people_did_and_what_stands_of_them(clause, column, chosen, words):
    rule = Rule.model_validate(clause)
    (need,) = rule.needs()
    zeros = (0,) * len(column)
    assert rule.choose(Batch(NOW, "b", list(range(len(column))), zeros, zeros, zeros, facts={need: column})) == chosen
    assert rule.words() == words


def test_a_stretch_of_time_has_a_beginning_and_an_end():
    def of(**when):
        (need,) = Rule.model_validate({"event": "e", **when}).needs()
        assert isinstance(need, EventNeed)
        return stretch(need, NOW)

    assert of() == (0, ENDLESS_MS)
    assert of(days=2) == (NOW - 2 * DAY_MS, ENDLESS_MS)
    assert of(days=2, to_days=1) == (NOW - 2 * DAY_MS, NOW - DAY_MS)
    assert of(between=("2025-12-31", "2026-01-01")) == (NOW - int(1.5 * DAY_MS), NOW + DAY_MS // 2)


# ── the compiled rule against a plain reading ─────────────────────────────────────────────────────────

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "3", "-1", "CZ", "true", "2026-01-01", "x"])
)
values = st.one_of(scalars, st.floats(), st.lists(scalars, max_size=3), st.just({"b": 3}), st.text(max_size=5))
profiles = st.dictionaries(st.sampled_from(["a", "b", "a.b"]), values, max_size=3)
WANTED = {
    "one": st.sampled_from([1, -1, "3", "CZ", True, "true", ""]),
    "many": st.lists(st.sampled_from([1, "3", "CZ", False]), min_size=1, max_size=3),
    "number": st.sampled_from([0, "1", 2.5]),
    "moment": st.sampled_from(["2026-01-01", "2025-12-31T23:00:00+01:00", 0]),
    "days": st.sampled_from([1, 30.5, 100_000]),
    "nothing": st.none(),
}


@st.composite
def property_tests(draw):
    op = draw(st.sampled_from(sorted(OPERATORS)))
    return {"property": draw(st.sampled_from(["a", "a.b"])), "op": op, "value": draw(WANTED[OPERATORS[op].takes])}


rules = st.recursive(
    st.one_of(
        property_tests(),
        st.builds(lambda did, n: {"event": "e", "did": did, "times": n}, st.booleans(), st.integers(1, 3)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
        inner.map(lambda each: {"not": each}),
    ),
    max_leaves=8,
)


def plainly(rule, profile, count) -> bool:
    """The rule read word by word for one contact; only the operators are shared."""
    if "all" in rule:
        return all(plainly(each, profile, count) for each in rule["all"])
    if "any" in rule:
        return any(plainly(each, profile, count) for each in rule["any"])
    if "not" in rule:
        return not plainly(rule["not"], profile, count)
    if "event" in rule:
        return count >= rule["times"] if rule["did"] else count < rule["times"]
    value = profile.get(rule["property"])
    if value is None and rule["property"] == "a.b" and "a.b" not in profile and isinstance(profile.get("a"), dict):
        value = profile["a"].get("b")
    return OPERATORS[rule["op"]].make(rule["value"])(value, NOW)


@given(rules, st.lists(st.tuples(profiles, st.integers(0, 3)), max_size=8), st.data())
def test_a_compiled_rule_chooses_whom_a_plain_reading_chooses(rule, people, data):
    asked = [row for row in range(len(people)) if data.draw(st.booleans())]
    facts = {ProfileNeed(): [profile for profile, _ in people], EventNeed("e"): [count for _, count in people]}
    zeros = (0,) * len(people)
    chosen = Rule.model_validate(rule).choose(Batch(NOW, "b", asked, zeros, zeros, zeros, facts=facts))
    assert chosen == [row for row in asked if plainly(rule, *people[row])]


@given(property_tests(), values)
def test_opposites_are_exact(test, value):
    opposite = {"equals": "not_equals", "in": "not_in", "contains": "not_contains", "exists": "missing"}.get(test["op"])
    if opposite:
        assert holds(value, test["op"], test["value"]) is not holds(value, opposite, test["value"])


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({}, "exactly one of"),
        ("country is CZ", "exactly one of"),
        ({"property": "a", "event": "b"}, "exactly one of"),
        ({"all": []}, "at least 1"),
        ({"property": "a", "op": "is"}, "'equals'"),
        ({"property": "a", "op": "more_than", "value": "many"}, "has to be a number"),
        ({"property": "a", "op": "before", "value": "soon"}, "has to be a date"),
        ({"property": "a", "op": "within_days", "value": 0}, "number of days above 0"),
        ({"property": "a", "op": "in", "value": []}, "has to be a list"),
        ({"property": "a", "op": "equals"}, "is missing"),
        ({"property": "a", "op": "exists", "value": 1}, "left out"),
        ({"event": "e", "days": 1, "to_days": 2}, "ends before it begins"),
        ({"event": "e", "days": 1, "between": ["2026-05-01", "2026-05-02"]}, "two dates and for a number"),
        ({"event": "e", "between": ["2026-05-02", "2026-05-01"]}, "has to begin before it ends"),
        ({"event": "e", "between": ["may", "june"]}, "two dates such as"),
        ({"event": "e", "sum": "total"}, "needs both"),
        ({"event": "e", "sum": "total", "value": 1, "times": 2}, "either counts or adds up"),
        ({"journey": "j", "was": "inside", "days": 1}, "cannot ask when"),
        ({"property": 'a"b', "value": 1}, "cannot have quotes"),
        ({"event": "e\0"}, "no store takes"),
        ({"all": [{"property": "a", "op": "in", "value": ["x", "\ud800"]}]}, "no store takes"),
        ({"consent": "news", "state": "maybe"}, "'granted'"),
        ({"event": "e", "times": 0}, "greater than or equal to 1"),
        ({"property": "a", "value": 1, "colour": 2}, "colour"),
        ({"all": [{"property": "a", "value": 1}] * 400}, "larger than 1000"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(rule, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Rule.model_validate(rule)


def test_twelve_levels_are_enough():
    rule = {"property": "a", "op": "exists"}
    for _ in range(11):
        rule = {"not": rule}
    assert not Rule.model_validate(rule).meets_profile({"a": 1}, NOW)
    for deeper in ({"not": rule}, {"any": [rule]}):
        with pytest.raises(ValidationError, match="deeper than 12"):
            Rule.model_validate(deeper)


def test_days_are_whole_days_of_24_hours():
    assert holds(NOW - 3 * DAY_MS, "within_days", 3)
    assert not holds(NOW - 3 * DAY_MS - 1, "within_days", 3)
