"""What people read about a rule: the sentence, what a version changed, what it needs; and a look while one writes."""

from __future__ import annotations

from sojourn.runtime.features.measures import Measures
from sojourn.runtime.presets import presets
from sojourn.runtime.segment_changes import changes
from sojourn.runtime.segment_look import look
from sojourn.runtime.segment_needs import Need, needs, there
from sojourn.runtime.segment_words import sentence

from .conftest import Stage

CZECH = {"property": "country", "value": "CZ"}


def test_a_rule_is_said_with_titles() -> None:
    rule = {
        "all": [
            {"feature": "recency_days", "op": "at_most", "value": 30},
            {"feature": "stage", "op": "in", "value": ["loyal", "at_risk"]},
            {"feature": "rfm", "value": "555"},
            {"not": {"any": [{"segment": "vip"}, {"journey": "welcome", "was": "inside"}]}},
            {"property": "created_at", "op": "within_days", "value": 14},
        ]
    }
    assert sentence(rule, {("segment", "vip"): "VIP", ("journey", "welcome"): "Welcome!"}) == (
        "Those who meet: days since the last order is at most 30 and life-cycle stage is one of loyal, at risk and "
        "RFM is 555 and not (is in the segment “VIP” or is inside the journey “Welcome!”) and "
        "the day they came is within the last 14 days."
    )


def test_every_preset_is_a_sentence_without_raw_names_of_figures() -> None:
    for each in presets():
        said = sentence(each.written["rule"])
        assert "recency_days" not in said and "at_risk" not in said and not said.startswith("Those who meet: r ")


def test_what_a_version_changed() -> None:
    bought = {"event": "purchased", "days": 30}
    assert changes(CZECH, CZECH) == []
    assert changes(CZECH, {"all": [CZECH, bought]}) == ["Added: did purchased in the last 30 days."]
    assert changes({"all": [CZECH, bought]}, {"all": [CZECH, {**bought, "days": 60}]}) == [
        "Taken out: did purchased in the last 30 days.", "Added: did purchased in the last 60 days.",
    ]  # fmt: skip
    assert changes({"all": [CZECH, bought]}, {"any": [CZECH, bought]}) == [
        "The same tests, put together in another way."
    ]


def test_what_a_rule_needs_and_what_is_there(stage: Stage) -> None:

    stage.people(2, country="CZ")
    rule = {
        "any": [
            CZECH,
            {"property": "email", "op": "exists"},
            {"property": "address.city", "value": "Brno"},
            {"feature": "orders", "op": "at_least", "value": 1},
            {"consent": "marketing"},
            {"segment": "vip"},
            {"journey": "welcome"},
        ]
    }
    wanted = needs(rule, Measures(purchases=("purchased", "paid")))
    assert wanted == [
        Need("event", ("purchased", "paid")), Need("journey", ("welcome",)), Need("property", ("address",)),
        Need("property", ("country",)), Need("segment", ("vip",)), Need("topic", ("marketing",)),
    ]  # fmt: skip
    assert wanted[0].words == "purchased or paid"
    assert stage.db.look(lambda tx: there(tx, wanted)) == {
        Need("property", ("country",)),
        Need("topic", ("marketing",)),
    }


def test_a_look_counts_shows_some_and_says_what_is_wrong(stage: Stage) -> None:

    stage.people(12, country="CZ")
    seen = stage.db.look(lambda tx: look(tx, {"name": "czech", "rule": CZECH}, stage.clock.now_ms()))
    assert seen.audience is not None and (seen.audience.matched, seen.audience.exact) == (12, True)
    assert seen.people is not None and len(seen.people) == 8 and not seen.problems
    half = stage.db.look(lambda tx: look(tx, {"name": "czech", "rule": {"property": ""}}, stage.clock.now_ms()))
    assert half.audience is None and half.people == () and half.problems
    hurried = stage.db.look(lambda tx: look(tx, {"name": "czech", "rule": CZECH}, stage.clock.now_ms(), seconds=0))
    assert hurried.people is None, "who cannot be found in time is not waited for"
