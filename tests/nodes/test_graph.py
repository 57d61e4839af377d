"""The graph of a journey: what it knows, and every way it can be wrong, as a sentence."""

import copy
from typing import Any

import pytest

from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.step import MessageNeed

LETTER = {"subject": "Hello", "mjml": "<mjml>{{ unsubscribe_url }}</mjml>"}
GOOD: dict[str, Any] = {
    "name": "abandoned-cart",
    "message_type": "marketing",
    "topic": "reminders",
    "letters": {"reminder": LETTER},
    "nodes": {
        "cart": {"kind": "trigger_event", "settings": {"event": "added_to_cart"}, "next": {"next": "pause"}},
        "pause": {"kind": "wait", "settings": {"amount": 1, "unit": "hours"}, "next": {"next": "vip"}},
        "vip": {
            "kind": "branch",
            "settings": {"rule": {"property": "vip", "value": True}},
            "next": {"yes": "mail", "no": "end"},
        },
        "mail": {"kind": "email", "settings": {"letter": "reminder"}, "next": {"next": "end"}},
        "end": {"kind": "exit"},
        "bought": {"kind": "goal", "settings": {"event": "purchased"}},
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good journey with one thing changed, or (None) taken away."""
    content = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    place = content
    for part in way:
        place = place.setdefault(part, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return content


def test_a_good_journey_has_no_problems_and_knows_its_ways():
    graph = JourneyGraph(GOOD)
    assert graph.problems() == []
    assert graph.ids == ["bought", "cart", "end", "mail", "pause", "vip"]
    assert graph.triggers == ["cart"]
    assert graph.exits("vip") == {"yes": "mail", "no": "end"}
    assert graph.exits("end") == {}
    assert graph.graph.has_edge("vip", "mail", key="yes")
    assert graph.nodes["mail"].title == "E-mail"


ERRORS = [
    ("name", "Abandoned cart!", None, "The name of the journey cannot be “Abandoned cart!”"),
    ("message_type", "spam", None, "Messages have to be marketing, reengagement or transactional, not “spam”."),
    ("nodes/cart", None, None, "has no trigger"),
    ("nodes/pause/next/next", "cart", "pause", "pause: its way out leads into the trigger “Event”"),
    ("nodes/pause/next/next", "nowhere", "pause", "pause: its way out leads to “nowhere”, which does not exist."),
    ("nodes/pause/next/done", "end", "pause", "pause: has no way out called “done”; it has “next”."),
    ("nodes/end/next", {"next": "mail"}, "end", "end: has no way out called “next”; the journey ends there."),
    ("nodes/pause/next", ["end"], "pause", "pause: its ways out have to be names"),
    (
        "nodes/mail/next/next",
        "pause",
        "mail",
        "mail: people would go round in circles: “E-mail” → “Wait” → “Branch” → “E",
    ),
    ("nodes/pause/next/next", "pause", "pause", "round in circles: “Wait” → “Wait”."),
    ("nodes/lost", {"kind": "exit"}, "lost", "lost: no way leads here from a trigger"),
    ("nodes/bought/settings", {}, "bought", "bought: no way leads here from a trigger"),
    ("nodes/fly", {"kind": "teleport"}, "fly", "fly: there is no step of the kind “teleport”"),
    ("nodes/fly", {}, "fly", "fly: it does not say what kind of step it is."),
    ("nodes/fly", "exit", None, "The step “fly” has to be a mapping"),
    ("nodes", ["exit"], None, "The part “nodes” has to map names"),
    ("nodes/pause/settings", [], "pause", None),
    ("nodes/pause/settings", "long", "pause", "pause: settings have to be a mapping"),
    ("nodes/pause/settings/unit", "day", "pause", "pause: “Unit” has to be “minutes”, “hours”, “days”"),
    ("nodes/pause/settings/colour", 1, "pause", "pause: “Colour” is not known here; check the spelling."),
    ("nodes/cart/settings", {}, "cart", "cart: “Event” is missing."),
    ("nodes/vip/settings/rule", {"all": [{"op": "in"}]}, "vip", "vip: “Rule · All · 1” has to say exactly one"),
    ("nodes/vip/settings/rule/value", [], "vip", "vip: “Rule · Value” has to be a text"),
    (
        "nodes/vip/settings/rule",
        {"not": {"message": "opened", "step": "first"}},
        "vip",
        "vip: the rule asks about the step “first”, which does not exist.",
    ),
    ("nodes/mail/settings/letter", "hello", "mail", "mail: there is no letter called “hello”"),
    ("letters/reminder/mjml", " ", None, "The letter “reminder” is empty"),
    ("letters/reminder/subject", "", None, "The letter “reminder” has no subject."),
    ("letters/Big Letter", LETTER, None, "“Big Letter” cannot be the name of a letter"),
    ("nodes/The End", {"kind": "exit"}, "The End", "The End: cannot be the id of a step"),
]


@pytest.mark.parametrize(("path", "value", "node", "sentence"), ERRORS)
def test_every_mistake_is_a_sentence_with_its_step(path, value, node, sentence):
    errors = JourneyGraph(changed(path, value)).errors()
    if sentence is None:
        assert errors == []
        return
    assert [problem for problem in errors if sentence in problem.text and problem.node == node], errors
    assert all(problem.text.endswith(".") for problem in errors)


@pytest.mark.parametrize(
    ("path", "value", "node", "sentence"),
    [
        (
            "nodes/vip/next/no",
            None,
            "vip",
            "vip: nothing is attached to “No”; people who take it leave the journey here.",
        ),
        ("topic", None, None, "sends marketing without a consent topic"),
        ("letters/reminder/mjml", "<mjml></mjml>", None, "has no unsubscribe link of its own; a line with one"),
        ("letters/other", LETTER, None, "The letter “other” is not sent by any step."),
        (
            "nodes/vip/settings/rule",
            {"message": "opened", "step": "pause"},
            "vip",
            "messages of “Wait”, which sends none",
        ),
    ],
)
def test_what_may_be_meant_is_only_a_warning(path, value, node, sentence):
    graph = JourneyGraph(changed(path, value))
    assert graph.errors() == []
    assert [(p.node, sentence in p.text) for p in graph.problems()] == [(node, True)]


def test_a_transactional_letter_needs_no_unsubscribe_link():
    content = changed("letters/reminder/mjml", "<mjml></mjml>") | {"message_type": "transactional"}
    assert JourneyGraph(content).problems() == []


def test_nothing_to_attach_behind_an_optional_way():
    content = changed("nodes/cap", {"kind": "cap", "next": {"ok": "end"}})
    content["nodes"]["pause"]["next"]["next"] = "cap"
    content["nodes"]["cap"]["next"]["ok"] = "vip"
    assert JourneyGraph(content).problems() == []


def test_a_rule_about_the_messages_of_a_step():
    content = changed("nodes/vip/settings/rule", {"message": "opened", "step": "mail"})
    graph = JourneyGraph(content)
    assert graph.nodes["vip"].needs() == (MessageNeed("opened", "mail"),)
    assert graph.problems() == []


def test_two_thousand_steps_are_the_most():
    chain = {f"n{i}": {"kind": "wait", "next": {"next": f"n{i + 1}"}} for i in range(2_000)}
    content = {"name": "long", "nodes": {"t": {"kind": "trigger_api", "next": {"next": "n0"}}, **chain}}
    assert "2001 steps" in JourneyGraph(content).errors()[0].text


@pytest.mark.parametrize(
    "content", [{}, {"nodes": None}, {"nodes": 3, "letters": []}, {"name": 5, "letters": {"a": 1}}]
)
def test_whatever_stands_there_it_answers(content):
    assert all(problem.text for problem in JourneyGraph(content).errors())


@pytest.mark.parametrize(
    "last", [{"kind": "email", "settings": {"letter": "reminder"}}, {"kind": "update", "settings": {"set": {"a": 1}}}]
)
def test_a_journey_may_end_with_a_letter_or_an_update(last):
    assert JourneyGraph(changed("nodes/end", last)).problems() == []


def test_a_step_that_names_another_says_its_title() -> None:
    content = changed("nodes/mail/title", "First letter")
    content["nodes"]["mail-2"] = {**content["nodes"]["mail"], "title": "Second letter"}
    content["nodes"]["back"] = {"kind": "jump", "settings": {"to": "mail", "amount": 7, "unit": "days"}}
    tests = [{"message": "opened", "step": "mail"}, {"message": "sent", "did": False, "step": "mail-2"}]
    content["nodes"]["vip"]["settings"] = {"rule": {"all": tests}}
    graph = JourneyGraph(content)
    said = {step: graph.in_titles(step, graph.nodes[step].summary()) for step in ("vip", "back", "pause")}
    assert said["vip"] == "opened the message of “First letter” and was not sent the message of “Second letter”"
    assert said["back"] == "“First letter”, after 7 days"
    assert said["pause"] == graph.nodes["pause"].summary()
