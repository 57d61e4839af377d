"""A trial goes through every form of a message, and shows each of them filled."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.runtime.content.brand import Brand
from sojourn.runtime.trial import Trial
from sojourn.runtime.trial_letters import show
from sojourn.runtime.try_out import try_out
from sojourn.storage import consents
from sojourn.storage.consents import Said
from sojourn.storage.database import Database

from .conftest import MJML, T0, Stage
from .test_try_out import draft, step

CHAIN = {
    "name": "chain",
    "title": "Chain",
    "message_type": "marketing",
    "nodes": {
        "start": step("trigger_api", next="say"),
        "say": step(
            "email",
            {
                "letter": "long",
                "instead": [{"channel": "sms", "message": "short"}],
                "instead_when": "chosen",
                "causes": ["failed", "no_address", "unopened"],
                "unopened_after": 24,
            },
            next="tell",
        ),
        "tell": step("alert", {"title": "{{ contact.first_name }} was told", "to": "desk@example.com"}, next="end"),
        "end": step("exit", {"reason": "done"}),
    },
    "letters": {
        "long": {"subject": "Hello {{ contact.first_name }}", "mjml": MJML},
        "short": {"medium": "sms", "text": "Hi {{ contact.first_name }}"},
    },
}


@pytest.fixture
def stage(db: Database) -> Stage:
    stage = Stage(db)
    stage.people(1, first_name="Ada")
    db.write(lambda tx: tx.run("UPDATE contacts SET phone = '+420601123001'"))
    db.write(lambda tx: consents.append(tx, [Said(1, "sms", "granted", "test")], T0))
    return stage


def tried(stage: Stage, **choices: str) -> Trial:
    return try_out(stage.db, CHAIN, draft(stage, CHAIN), 1, stage.clock.now_ms(), choices=choices)


def sent(trial: Trial) -> list[Any]:
    return [(one.posted.channel, one.posted.outcome) for one in trial.steps if one.posted]


def test_a_refused_letter_is_followed_by_the_text(stage: Stage) -> None:
    trial = tried(stage, say="failed")
    assert sent(trial) == [("email", "failed"), ("sms", "sent"), ("alert", "sent")]
    assert trial.path[-1] == ("end", "left:done")
    shown = [show(CHAIN, one.posted, Brand()) for one in trial.steps if one.posted]
    assert [each.rendered.fields.get("text", "") for each in shown if each.rendered] == ["", "Hi Ada", ""]
    assert shown[2].rendered and shown[2].rendered.subject == "Ada was told"


def test_a_letter_nobody_opens_is_waited_for_and_then_followed(stage: Stage) -> None:
    trial = tried(stage)
    assert sent(trial) == [("email", "sent"), ("sms", "sent"), ("alert", "sent")]
    (rest,) = [one for one in trial.steps if one.until_ms]
    assert (rest.node, rest.words) == ("say", "waits: whether it is opened")
    assert sent(tried(stage, say="opened")) == [("email", "sent"), ("alert", "sent")]
