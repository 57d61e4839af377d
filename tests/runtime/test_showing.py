"""Blocks shown by rules: the same operators as on the canvas, nothing of a value reaches the template as code."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.runtime.content.jinja import HTML, Run, check, compile_template, run
from sojourn.runtime.content.needs import needs_of
from sojourn.runtime.content.showing import condition, conditions, in_words, problems

DATA: dict[str, Any] = {
    "contact": {"country": "CZ", "address": {"city": "Brno"}, "language": "pt-BR", "orders": "12"},
    "event": {"name": "purchased", "total": 120},
    "segments": {"vip": True},
    "features": {"orders": 3, "last_order_at": 1_800_000_000_000},
    "place": {"country": "CZ", "city": "Brno"},
    "outside": {"weather": {"temperature": 3}},
    "catalogue": {"p01": {"stock": 0, "margin": 40.5}},
    "_products": {'{"source":"event"}': [{"stock": 0}, {"stock": 7, "margin": 12}]},
    "now": {"ms": 1_800_000_600_000, "hour": 9, "weekday": "Monday", "date": "2026-12-01", "month": 12},
}
HOLD = [
    {"segment": "vip"},
    {"segment": "new", "member": False},
    {"property": "address.city", "op": "equals", "value": "Brno"},
    {"property": "orders", "op": "more_than", "value": 5},
    {"property": "nothing", "op": "missing"},
    {"trigger": "total", "op": "at_least", "value": 120},
    {"feature": "orders", "op": "in", "value": [2, 3]},
    {"feature": "last_order_at", "op": "within_days", "value": 1},
    {"language": ["cs", "pt"]},
    {"place": "country", "op": "equals", "value": "CZ"},
    {"outside": "weather.temperature", "op": "less_than", "value": 5.5},
    {"product": "stock", "sku": "p01", "op": "less_than", "value": 1},
    {"product": "stock", "op": "at_least", "value": 5},
    {"time": "date", "op": "before", "value": "2026-12-24"},
    {"time": "weekday", "op": "in", "value": ["Monday", "Friday"]},
    {"not": {"any": [{"segment": "new"}, {"trigger": "total", "op": "more_than", "value": 1000}]}},
]


def shown(rule: Any, data: dict[str, Any] | None = None) -> bool:
    source = f"{{% if {condition(rule)} %}}yes{{% endif %}}"
    assert check(source) == []
    return (
        run(compile_template(HTML, source), DATA if data is None else data, Run(link=lambda url, _place: url)) == "yes"
    )


@pytest.mark.parametrize("rule", HOLD, ids=in_words)
def test_every_kind_of_condition_holds_and_its_opposite_does_not(rule: Any) -> None:
    assert shown(rule)
    assert not shown({"not": rule})


@pytest.mark.parametrize("rule", [rule for rule in HOLD if "not" not in rule and rule.get("member", True)])
def test_a_fact_that_nobody_knows_is_no_error_and_no_yes(rule: Any) -> None:
    assert shown(rule, {}) is (rule.get("op") == "missing")


@given(st.text(), st.text(min_size=1))
def test_a_value_is_a_value_whatever_it_looks_like(value: str, other: str) -> None:
    rule = {"property": "x", "op": "equals", "value": value}
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    assert "{{" not in condition(rule)
    assert shown(rule, {"contact": {"x": value}})
    assert shown(rule, {"contact": {"x": value + other}}) is False


def test_of_a_group_only_the_first_whose_rule_holds_is_shown() -> None:
    blocks = [
        {"id": "gold", "group": "offer", "show_if": {"feature": "orders", "op": "at_least", "value": 10}},
        {"id": "words"},
        {"id": "silver", "group": "offer", "show_if": {"feature": "orders", "op": "at_least", "value": 2}},
        {"id": "all", "group": "offer"},
    ]
    source = "".join(f"{{% if {one or 'true'} %}}[{name}]{{% endif %}}" for name, one in conditions(blocks).items())
    letter = compile_template(HTML, source)
    for orders, seen in ((20, "[gold][words]"), (3, "[words][silver]"), (None, "[words][all]")):
        assert run(letter, {"features": {"orders": orders}}, Run(link=lambda url, _place: url)) == seen


def test_what_is_wrong_with_a_rule_is_said_in_words() -> None:
    assert problems({"segment": "vip"}) == []
    assert problems({"any": []}) == ["The any of the rule is empty."]
    assert problems({"property": "x", "op": "more_than", "value": "many"}) == [
        "The value of the rule has to be a number (for “is more than”)."
    ]
    assert "exactly one of" in problems({"segment": "a", "property": "b"})[0]
    deep: Any = {"segment": "a"}
    for _ in range(30):
        deep = {"not": deep}
    assert "nested deeper" in problems(deep)[0]


def test_a_letter_knows_what_it_asks_for() -> None:
    source = (
        "{% if segments.vip and features is meets('orders', 'more_than', 2) %}{{ catalogue['p01'].title }}{% endif %}"
        "{% for one in products(category='Shoes', limit=3) %}{{ one.title }}{% endfor %}{{ coupon('spring') }}"
        "{% for name in segments %}{{ name }}{% endfor %}{{ outside['weather'].sky }}"
    )
    assert check(source) == []
    assert {word: sorted(names) for word, names in needs_of(HTML, [source]).wanted.items()} == {
        "segments": ["*", "vip"],
        "features": ["orders"],
        "catalogue": ["p01"],
        "products": ['{"category":"Shoes","limit":3}'],
        "coupon": ["spring"],
        "outside": ["weather"],
    }
    assert not needs_of(HTML, ["Hello {{ contact.first_name }}"])
    for wrong in ("{{ coupon(contact.pool) }}", "{{ products(limit=contact.n) }}", "{{ products(shop='x') }}"):
        assert len(check(wrong)) == 1
