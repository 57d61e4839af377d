"""Branch: a rule sends people yes or no."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.branch import Branch
from sojourn.nodes.step import Go, ProfileNeed


def test_those_who_meet_the_rule_go_yes(batch):
    node = Branch("b", {"rule": {"property": "country", "op": "equals", "value": "CZ"}})
    facts = {ProfileNeed(): [{"country": "CZ"}, {"country": "DE"}, {}]}
    assert node.needs() == (ProfileNeed(),)
    assert node.step(batch(facts=facts)) == [(Go("yes"), [0]), (Go("no"), [1, 2])]


def test_when_all_go_one_way_there_is_one_answer(batch):
    node = Branch("b", {"rule": {"property": "country", "op": "exists"}})
    here = batch(facts={ProfileNeed(): [{"country": "CZ"}] * 3})
    assert node.step(here) == [(Go("yes"), here.rows)]


def test_only_the_rows_asked_about_are_answered(batch):
    node = Branch("b", {"rule": {"property": "vip", "value": True}})
    facts = {ProfileNeed(): [{"vip": True}, {"vip": True}, {"vip": False}]}
    assert node.step(batch(facts=facts, rows=[1, 2])) == [(Go("yes"), [1]), (Go("no"), [2])]


def test_a_branch_without_a_rule_is_refused():
    with pytest.raises(ValidationError):
        Branch("b", {})


def test_the_card_says_the_rule_in_words():
    rule = {"all": [{"property": "country", "value": "CZ"}, {"event": "purchased", "did": False, "days": 30}]}
    assert Branch("b", {"rule": rule}).summary() == "country is CZ and did not do purchased in the last 30 days"
