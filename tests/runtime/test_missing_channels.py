"""What the channels of a journey lack here is said before it is published."""

from __future__ import annotations

from typing import Any

from sojourn.nodes.graph import JourneyGraph
from sojourn.runtime.governance.missing_channels import missing_channels
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.storage import accounts
from sojourn.storage.accounts import Account
from sojourn.storage.columns import from_ms
from sojourn.storage.database import Database

NOW = 1_790_000_000_000
ACCOUNT = "There is no account for text message yet: they wait until one is set up under Sending."
PHONE = "Nobody has a phone number yet, so no text message leaves."


def said(db: Database, **settings: Any) -> list[str]:
    nodes = {"say": {"kind": "email", "settings": {"letter": "long", **settings}}}
    graph = JourneyGraph({"name": "j", "nodes": nodes, "letters": {}})
    return [problem.text for problem in db.look(lambda tx: list(missing_channels(tx, graph)))]


def test_an_account_and_a_number_are_missing_until_they_are_there(db: Database) -> None:
    chain = {"instead": [{"channel": "sms", "message": "short"}]}
    assert said(db) == []
    assert said(db, **chain) == [ACCOUNT, PHONE]
    at = from_ms(NOW)
    account = Account(name="texts", medium="sms", carrier="twilio", created_at=at, changed_at=at)
    db.write(lambda tx: accounts.keep(tx, account))
    row = (1, "+420601123001", "{}", NOW, NOW)
    db.write(lambda tx: tx.insert("contacts", "id,phone,properties,created_at,changed_at", [row]))
    assert said(db, **chain) == []


def test_a_channel_the_policy_goes_on_by_needs_a_message(db: Database) -> None:
    policy = Policy.model_validate({"fallback": {"order": {"email": ["sms"]}}})
    db.write(lambda tx: policies.propose(tx, policy, "owner@example.com", NOW))
    assert said(db) == ["say: the policy would go on by text message, and this step has no message for it."]
    assert said(db, instead_when="never") == []
