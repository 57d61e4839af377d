"""What changed between two contents: said, counted, and marked; and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sojourn.runtime.governance.difference import difference

from .conftest import MJML

Step = Callable[..., dict[str, Any]]


@pytest.fixture
def content(step: Step) -> dict[str, Any]:
    rule = {"property": "country", "op": "equals", "value": "CZ"}
    return {
        "name": "welcome",
        "title": "Welcome",
        "message_type": "marketing",
        "nodes": {
            "in": step("trigger_event", {"event": "subscribed"}, next="where"),
            "where": step("branch", {"rule": rule}, yes="cap", no="out"),
            "cap": step("cap", {"max": 2, "amount": 7, "unit": "days"}, ok="mail"),
            "mail": {**step("email", {"letter": "hello"}, next="out"), "title": "Say hello"},
            "out": step("exit"),
        },
        "letters": {"hello": {"subject": "Hello", "mjml": MJML.replace("<", "\n<")}},
    }


def test_the_same_is_no_difference(content: dict[str, Any]) -> None:
    found = difference(content, copy.deepcopy(content))
    assert not found
    assert found.summary == "No difference."
    assert found.overlay() == {"nodes": {}, "edges": {}, "ghosts": [], "notes": {}}


def test_a_setting_is_told_before_and_after_in_words(content: dict[str, Any]) -> None:
    after = copy.deepcopy(content)
    after["nodes"]["cap"]["settings"]["max"] = 3
    after["nodes"]["where"]["settings"]["rule"] = {
        "all": [
            {"property": "country", "op": "equals", "value": "DE"},
            {"event": "purchased", "did": False, "days": 30},
        ]
    }
    found = difference(content, after)
    cap, where = found.changes
    assert [(d.name, d.before, d.after) for d in cap.details] == [("At most", "2", "3")]
    assert cap.details[0].sentence == "At most: 2 → 3."
    assert "purchased in the last 30 days" in where.details[0].after
    assert found.overlay()["nodes"] == {"cap": "changed", "where": "changed"}
    assert found.overlay()["notes"]["cap"] == "At most: 2 → 3."
    assert found.summary == "2 steps changed."


def test_steps_and_ways_come_and_go(content: dict[str, Any], step: Step) -> None:
    after = copy.deepcopy(content)
    del after["nodes"]["cap"]
    after["nodes"]["day"] = step("wait", {"amount": 1, "unit": "days"}, next="mail")
    after["nodes"]["where"]["next"] = {"yes": "day"}
    found = difference(content, after)
    assert found.overlay()["nodes"] == {"day": "added", "cap": "removed"}
    assert found.overlay()["edges"] == {
        "day:next": "added", "where:no": "removed", "where:yes": "changed",
    }  # fmt: skip
    assert found.removed_steps == ["cap"]
    assert "“Wait” (Wait) was added." in found.sentences
    assert "“Branch · Yes” leads to “Wait” instead of “Cap”." in found.sentences
    assert found.summary == "1 step added, 1 step removed, 3 ways redrawn."


def test_a_letter_is_compared_line_by_line(content: dict[str, Any]) -> None:
    after = copy.deepcopy(content)
    letter = after["letters"]["hello"]
    letter["subject"] = "Hello again"
    letter["mjml"] = letter["mjml"].replace("Hello {{", "Good morning {{")
    (change,) = difference(content, after).changes
    subject, mjml = change.details
    assert (subject.before, subject.after, subject.lines) == ("Hello", "Hello again", ())
    assert any(line.startswith("-") and "Hello {{" in line for line in mjml.lines)
    assert any(line.startswith("+") and "Good morning {{" in line for line in mjml.lines)
    assert sum(line.startswith(("+", "-")) for line in mjml.lines) == 2
    assert mjml.sentence == "Letter: 1 line added, 1 removed."


def test_only_standing_elsewhere_is_counted_apart(content: dict[str, Any]) -> None:
    after = copy.deepcopy(content)
    after["nodes"]["cap"]["at"] = [10, 20]
    found = difference(content, after)
    assert found and not found.changes
    assert found.summary == "1 step stands elsewhere on the canvas."


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["nodes"]["where"]["settings"]["rule"].update(value=["CZ"]),
        lambda c: c["nodes"]["cap"]["settings"].update(scope="everything"),
        lambda c: c["nodes"]["cap"].update(hidden=1),
        lambda c: c["letters"]["hello"].update(attachment="x"),
        lambda c: c.update(priority=1),
    ],
)
def test_nothing_that_changes_the_hash_stays_unsaid(content: dict[str, Any], change: Callable[..., Any]) -> None:
    after = copy.deepcopy(content)
    change(after)
    (found,) = difference(content, after).changes
    assert found.details


def test_what_belongs_to_the_journey_itself(content: dict[str, Any]) -> None:
    after = {**content, "message_type": "transactional", "notes": {"n": {"text": "Mind the cap"}}}
    journey, note = difference(content, after).changes
    assert journey.details[0].sentence == "Kind of messages: marketing → transactional."
    assert (note.kind, note.what, note.details[0].after) == ("note", "added", "Mind the cap")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"nodes": 3, "letters": []},
        {"nodes": {"in": None, "cap": {"kind": "no such kind", "settings": [1]}, "mail": {"kind": 7, "next": 4}}},
        {"nodes": {"cap": {"kind": "cap", "settings": {"max": "many"}}}, "letters": {"hello": "text"}},
    ],
)
def test_a_content_in_any_state_is_compared_and_not_choked_on(content: dict[str, Any], broken: dict[str, Any]) -> None:
    there, back = difference(content, broken), difference(broken, content)
    assert there and back
    for kind in ("step", "letter"):
        gone = {c.id for c in there.changes if (c.kind, c.what) == (kind, "removed")}
        come = {c.id for c in back.changes if (c.kind, c.what) == (kind, "added")}
        assert gone == come
    assert all(there.sentences)


def test_another_priority_is_told_in_words(content: dict[str, Any]) -> None:
    after = {**content, "priority": {"class": "promo", "weight": 70}}
    assert difference(content, after).sentences == [
        "Priority of the journey changed.",
        "Priority: Promotion, weight 70.",
    ]
    back = {**after, "priority": {"weight": 10}}
    assert difference(after, back).sentences[1] == "Priority: Promotion, weight 70 → Automation, weight 10."


def test_letters_made_of_blocks_are_compared_block_by_block() -> None:
    hero = {"id": "b1", "kind": "hero", "settings": {"heading": "Hello", "text": "<p>x</p>"}}
    texts = [{"id": f"t{n}", "kind": "text", "settings": {"text": f"<p>{n}</p>"}} for n in (1, 2)]
    footer = {"id": "b9", "kind": "footer", "settings": {}, "shared": {"name": "ours", "version": 1}}
    before = {"letters": {"one": {"subject": "Hi", "blocks": [hero, *texts, footer], "kit": {"primary": "#112233"}}}}
    changed = {**hero, "settings": {**hero["settings"], "heading": "Welcome"}, "show_if": {"segment": "vip"}}
    blocks = [texts[1], changed, {**footer, "shared": {"name": "ours", "version": 2}}, {"id": "n", "kind": "spacer"}]
    languages = {"cs": {"subject": "Ahoj", "blocks": {"b1": {"heading": "Vítejte"}}}}
    after = {
        "letters": {"one": {"subject": "Hi", "blocks": blocks, "kit": {"primary": "#445566"}, "languages": languages}}
    }
    (change,) = difference(before, after).changes
    said = [detail.sentence for detail in change.details]
    assert "Block “Text 1”: <p>1</p> → nothing." in said or any(one.startswith("Block “Text 1”") for one in said)
    assert "Hero: Heading: Hello → Welcome." in said
    assert any(one.startswith("Hero: shown if: ") and "vip" in one for one in said)
    assert "Footer: shared block: ours, version 1 → ours, version 2." in said
    assert "Brand: The main colour: #112233 → #445566." in said
    assert "In cs: Hero: Heading: Vítejte." in said
    assert any(one.startswith("Order of the blocks: ") for one in said)
    assert any(one.startswith("Block “Space”") for one in said)
