"""Events the policy calls complaints or angry answers are written down as such when they come in."""

from __future__ import annotations

import asyncio
from typing import Any

from sojourn.runtime import ingest
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.program import ProgramShelf
from sojourn.storage.database import Database

from .post import NOW, journey


def come(db: Database, *events: tuple[str, dict[str, Any]]) -> list[Any]:
    """Let events of contact 1 in; returns the setbacks."""
    told = [
        {"type": "track", "event": name, "userId": "ann", "messageId": f"m{n}", "properties": properties}
        for n, (name, properties) in enumerate(events)
    ]
    for _ in range(2):  # a client that sends its batch again
        asyncio.run(ingest.accept(db, ProgramShelf(), ManualClock(NOW), told, "test"))
    return db.look(
        lambda tx: tx.rows(
            "SELECT contact_id, kind, channel, at, message_id, journey_id, source FROM setbacks ORDER BY id"
        )
    )


def test_an_event_of_the_policy_is_a_setback_once(db: Database) -> None:
    rules = Policy.model_validate(
        {"behaviour": {"complaint_events": ["support_complaint"], "negative_reply_events": ["angry_chat"]}}
    )
    db.write(lambda tx: policies.propose(tx, rules, "ada@example.com", NOW))
    found = come(db, ("support_complaint", {}), ("angry_chat", {"channel": "sms"}), ("purchased", {}))
    assert [row[1:] for row in found] == [
        ("complaint", "", NOW, None, None, "The event “support_complaint” told of it."),
        ("negative_reply", "sms", NOW, None, None, "The event “angry_chat” told of it."),
    ]


def test_it_may_name_the_message_it_is_about_if_that_was_theirs(db: Database) -> None:
    journey(db, 2)

    def job(tx: Any) -> None:
        tx.run("DELETE FROM events")
        tx.run("UPDATE contacts SET external_id = 'ann' WHERE id = 1")
        tx.run("INSERT INTO identities (kind, value, contact_id, created_at) VALUES ('user', 'ann', 1, 0)")

    db.write(job)
    found = come(db, ("complaint", {"message": 1}), ("complaint", {"message": 2}))
    assert [row[:6] for row in found] == [(1, "complaint", "email", NOW, 1, 1), (1, "complaint", "", NOW, None, None)]
