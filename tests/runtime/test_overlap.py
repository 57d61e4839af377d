"""The overlap report: who is in several journeys, what lies ahead of them, which caps they would hit, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sojourn.runtime.overlap import Overlap, overlap
from sojourn.runtime.overlap_words import Facts, suggestion
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.program import compile_version
from sojourn.runtime.steps_ahead import sends_ahead
from sojourn.storage import touches

from .conftest import DAY, HOUR, Stage

Step = Callable[..., dict[str, Any]]


def report(stage: Stage) -> Overlap:
    return stage.db.look(lambda tx: overlap(tx, stage.shelf, stage.clock.now_ms()))


def rules(stage: Stage, **said: Any) -> None:
    policy = Policy.model_validate(said)
    stage.db.write(lambda tx: policies.propose(tx, policy, "owner@example.com", stage.clock.now_ms()))


def series(step: Step, event: str, letters: int, days: float) -> dict[str, Any]:
    """So many letters, each after so many days."""
    nodes: dict[str, Any] = {"start": step("trigger_event", {"event": event}, next="wait0")}
    for n in range(letters):
        nodes[f"wait{n}"] = step("wait", {"amount": days, "unit": "days"}, next=f"letter{n}")
        after = {"next": f"wait{n + 1}"} if n + 1 < letters else {}
        nodes[f"letter{n}"] = step("email", {"letter": "hello"}, **after)
    return nodes


@pytest.fixture
def shop(stage: Stage, step: Step) -> Stage:
    """Ten in a series of a letter a day, the first four of them in a series of a letter each second day as well."""
    stage.people(10)
    stage.journey("daily", series(step, "looked", 20, 1))
    stage.journey("often", series(step, "added", 20, 2))
    stage.journey("quiet", {"start": step("trigger_api", {}, next="end"), "end": step("exit", {})})
    for contact in range(1, 11):
        stage.happens(contact, "looked", *(["added"] if contact <= 4 else []))
    stage.beat()
    return stage


def test_people_in_several_journeys_and_what_they_will_get(shop: Stage) -> None:
    found = report(shop)
    assert [(line.name, line.inside, line.ahead_per_week) for line in found.journeys] == [
        ("daily", 10, 7.0),
        ("often", 4, 3.5),
        ("quiet", 0, 0.0),
    ]
    (pair,) = found.pairs
    assert (pair.one, pair.other, pair.inside_both, pair.shared, pair.share) == ("daily", "often", 4, 4, 1.0)
    assert (pair.per_week, found.several, found.several_per_week, found.people) == (10.5, 4, 10.5, 10)
    assert "10.5 messages a week, and no cap" in pair.suggestion


def test_who_would_hit_a_cap(shop: Stage) -> None:
    rules(shop, caps=[{"name": "weekly", "max": 8, "in": "7 days"}])
    found = report(shop)
    assert [(cap.name, cap.people, cap.share) for cap in found.caps] == [("weekly", 4, 0.4)]
    assert found.pairs[0].capped == 1.0
    assert found.pairs[0].suggestion.startswith("Caps would hold back messages to 100% of those in both. Give")
    had = [(n, 5, shop.clock.now_ms() - DAY, "email", "marketing", 1, 1, n, 0, 0, n) for n in range(900, 906)]
    columns = touches.COLUMNS.split(",")
    given = dict(
        zip(("message_id", "contact_id", "at", "channel", "topic", "rank", "journey_id"), had[0], strict=False)
    )
    row = [tuple({**dict.fromkeys(columns, 0), **given, "message_id": n}[name] for name in columns) for n in range(6)]
    shop.db.write(lambda tx: touches.write(tx, row))
    assert report(shop).caps[0].people == 5, "six of the last days and three of the next are nine"


def test_a_group_needs_nothing_more_and_a_cap_for_other_channels_holds_nobody(shop: Stage) -> None:
    rules(
        shop,
        caps=[{"name": "texts", "max": 1, "in": "7 days", "channels": ["sms"]}],
        groups=[{"name": "winter", "journeys": ["daily", "often"]}],
    )
    found = report(shop)
    assert found.caps[0].people == 0
    assert found.pairs[0].suggestion == "Nothing to do: the group “winter” keeps people from being in both."


def test_those_who_were_in_both_lately_count_too(shop: Stage) -> None:
    shop.db.write(lambda tx: tx.run("UPDATE enrollments SET ended_at = ? WHERE journey_id = 2", (shop.clock.now_ms(),)))
    (pair,) = report(shop).pairs
    assert (pair.inside_both, pair.shared, pair.per_week) == (0, 4, 0.0)
    shop.clock.set(shop.clock.now_ms() + 40 * DAY)
    assert report(shop).pairs == []


def test_nothing_is_live(stage: Stage) -> None:
    assert report(stage) == Overlap()


def test_what_lies_ahead_follows_the_ways_people_took(step: Step) -> None:
    nodes = {
        "start": step("trigger_api", {}, next="split"),
        "split": step("branch", {"rule": {"property": "vip", "op": "equals", "value": True}}, yes="letter", no="end"),
        "letter": step("email", {"letter": "hello"}, next="again"),
        "again": step("jump", {"to": "letter", "amount": 2, "unit": "days"}),
        "end": step("exit", {}),
        "bought": step("goal", {"event": "purchased"}),
    }
    letters = {"hello": {"subject": "x", "mjml": "<mjml><mj-body></mj-body></mjml>"}}
    program = compile_version(1, 1, {"name": "j", "title": "J", "nodes": nodes, "letters": letters})
    at = program.at
    evenly = sends_ahead(program, {})
    assert evenly[at["start"]][0] == 0.5
    assert evenly[at["letter"]][7 * 24] == 4.0, "now, and after two, four and six days"
    assert evenly[at["letter"]][HOUR // HOUR] == 1.0
    known = sends_ahead(program, {at["split"]: {"in": 100, "yes": 20, "no": 80}})
    assert known[at["start"]][0] == pytest.approx(0.2)
    assert sends_ahead(program, {}, ["sms"])[at["start"]][100] == 0


@pytest.mark.parametrize(
    ("changed", "begins"),
    [
        ({}, "Nothing to do: 1.0 messages"),
        ({"group": "winter"}, "Nothing to do: the group"),
        ({"first": (0, -50), "second": (0, -50)}, "Nothing to do: both are owed"),
        ({"capped": 0.5}, "Caps would hold back messages to 50% of those in both. “A” goes first"),
        ({"capped": 0.5, "first": (3, -50)}, "Caps would hold back messages to 50% of those in both. Give the more"),
        ({"per_week": 4.0}, "Those in both would get 4.0 messages a week, and no cap"),
        ({"per_week": 4.0, "has_caps": True}, "Those in both would get 4.0 messages a week: lower a cap"),
        ({"share": 0.6, "first": (3, -60)}, "They share 60% of the smaller one’s people"),
        ({"per_week": 0.0}, "Nothing to do: neither"),
    ],
)
def test_the_suggestion(changed: dict[str, Any], begins: str) -> None:
    plain = Facts("A", "B", (1, -50), (3, -50), "", 1.0, 0.1, 0.0, False)
    assert suggestion(plain._replace(**changed)).startswith(begins)
