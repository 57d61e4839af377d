"""Chains: which form of a message is tried next, when, and where people go when none is left."""

import pytest
from pydantic import ValidationError

from sojourn.nodes.email import Email
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.outcomes import Fallback, Try, read_outcome
from sojourn.nodes.step import HOUR_MS, Go, Hold, Leave, MessageNeed, PolicyNeed, Send

from .conftest import NOON_MS

TRIES, POLICY = MessageNeed("tries", node="m"), PolicyNeed("fallback")
SMS, PUSH = {"channel": "sms", "message": "short"}, {"channel": "push", "message": "note"}
CHOSEN = {"instead_when": "chosen", "causes": ["failed", "no_address", "capped"]}


def answer(batch, settings, told, tries=(), policy=None, now_ms=NOON_MS):
    node = Email("m", {"letter": "long", **settings})
    facts = {TRIES: [tuple(tries)], POLICY: [policy or Fallback()]} if node.needs() else {}
    ((said, rows),) = node.step(batch(1, facts=facts, outcome=[told], now_ms=now_ms))
    assert rows == [0]
    return said


def test_an_outcome_is_a_word_and_a_turn():
    assert read_outcome("sent") == ("sent", 0)
    assert read_outcome("no_address:2") == ("no_address", 2)


def test_without_other_forms_nothing_is_asked_for():
    assert Email("m", {"letter": "long"}).needs() == ()
    assert Email("m", {"letter": "long", "instead": [SMS], "instead_when": "never"}).needs() == ()
    assert Email("m", {"letter": "long", "instead": [SMS]}).needs() == (TRIES, POLICY)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (None, Send("email", "long")),
        ("sent", Go("next")),
        ("failed", Send("sms", "short", 1)),
        ("no_address", Send("sms", "short", 1)),
        ("other_way", Send("sms", "short", 1)),  # a cap of the policy, and caps are among the cases
        ("no_consent", Go("next")),  # not among them
        ("skipped", Go("next")),  # called off for a reason another channel does not help
    ],
)
def test_the_next_form_goes_in_the_chosen_cases(batch, told, said):
    assert answer(batch, {"instead": [SMS], **CHOSEN}, told, [Try(0)]) == said


def test_each_form_is_tried_once_and_then_the_last_outcome_counts(batch):
    settings = {"instead": [SMS, PUSH], "when_failed": "failed", **CHOSEN}
    assert answer(batch, settings, "failed:1", [Try(0), Try(1)]) == Send("push", "note", 2)
    assert answer(batch, settings, "failed:2", [Try(0), Try(1), Try(2)]) == Go("failed")
    assert answer(batch, settings, "sent:2", [Try(0), Try(1), Try(2, NOON_MS)]) == Go("next")


def test_the_policy_says_when_and_in_which_order(batch):
    policy = Fallback({"email": ("push", "sms")}, frozenset({"blocked"}))
    settings = {"instead": [SMS, PUSH]}
    assert answer(batch, settings, "blocked", [Try(0)], policy) == Send("push", "note", 2)
    assert answer(batch, settings, "blocked:2", [Try(0), Try(2)], policy) == Send("sms", "short", 1)
    assert answer(batch, settings, "failed", [Try(0)], policy) == Go("next")


def test_an_order_that_changed_meanwhile_tries_nothing_twice(batch):
    now = Fallback({"email": ("sms", "push")}, frozenset({"blocked"}))
    done = [Try(0), Try(2), Try(1)]
    assert answer(batch, {"instead": [SMS, PUSH]}, "blocked:1", done, now) == Go("next")


def test_unopened_counts_from_the_moment_it_was_sent(batch):
    settings = {"instead": [SMS], "instead_when": "chosen", "causes": ["unopened"], "unopened_after": 24}
    sent = NOON_MS - 20 * HOUR_MS
    assert answer(batch, settings, "sent", [Try(0, sent)]) == Hold(sent + 24 * HOUR_MS)
    late = sent + 24 * HOUR_MS
    assert answer(batch, settings, "sent", [Try(0, sent)], now_ms=late) == Send("sms", "short", 1)
    assert answer(batch, settings, "sent", [Try(0, sent, opened=True)], now_ms=late) == Go("next")


def test_who_got_one_form_has_got_the_message(batch):
    """The letter went and lay unopened; the text that followed failed. They were not unreachable."""
    settings = {"instead": [SMS], "when_failed": "leave", "unopened_after": 1, **CHOSEN}
    assert answer(batch, settings, "failed:1", [Try(0, NOON_MS), Try(1)]) == Go("next")


@pytest.mark.parametrize(
    ("when_capped", "told", "said"),
    [
        ("policy", "capped", Go("next")),
        ("policy", "other_way", Go("failed")),
        ("policy", "leave", Leave("capped")),
        ("failed", "capped", Go("failed")),
        ("go_on", "leave", Go("next")),
        ("leave", "other_way", Leave("capped")),
    ],
)
def test_a_cap_says_what_happens_unless_the_step_does(batch, when_capped, told, said):
    assert answer(batch, {"when_capped": when_capped}, told) == said


def test_chosen_cases_have_to_be_named():
    with pytest.raises(ValidationError, match="at least one case"):
        Email("m", {"letter": "long", "instead": [SMS], "instead_when": "chosen"})


def problems(letters, **settings):
    steps = {"m": {"kind": "email", "settings": {"letter": "long", **settings}, "next": {"next": "e"}}}
    graph = JourneyGraph({"name": "j", "nodes": {**steps, "e": {"kind": "exit"}}, "letters": letters})
    return [problem.text for problem in graph.problems() if problem.node == "m" or problem.letter]


LONG = {"subject": "Hello", "mjml": "<mjml>{{ unsubscribe_url }}</mjml>"}


def test_a_message_of_another_medium_is_refused_and_a_missing_one_named():
    said = " ".join(problems({"long": LONG, "short": dict(LONG)}, instead=[SMS, PUSH]))
    assert "“short” is written as an e-mail and cannot go as a text message" in said
    assert "there is no letter called “note”" in said


def test_the_same_form_stands_in_a_chain_once():
    again = {"channel": "email", "message": "long"}
    assert "stands in the chain twice" in " ".join(problems({"long": LONG}, instead=[again]))


def test_a_message_without_words_is_empty():
    said = problems({"long": LONG, "short": {"medium": "sms", "text": " "}}, instead=[SMS])
    assert said[0] == "The message “short” is empty: write what it says."
    assert not any("unsubscribe" in text for text in said)
