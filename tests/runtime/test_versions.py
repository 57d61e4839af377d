"""From a draft to a version that runs, and what refuses to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sojourn.runtime.governance import versions
from sojourn.runtime.governance.versions import JourneyHasProblems
from sojourn.storage import journeys
from sojourn.storage.database import Database
from sojourn.storage.journeys import Version

from .conftest import T0
from .welcome import welcome

Step = Callable[..., dict[str, Any]]


@pytest.fixture
def content(step: Step) -> dict[str, Any]:
    return welcome(step)


def publish(db: Database, content: dict[str, Any]) -> Version:
    journey = db.write(lambda tx: versions.save_draft(tx, content, "eve@example.com", T0))
    return db.write(lambda tx: versions.publish(tx, journey, "eve@example.com", T0 + 1))


def test_publishing_freezes_the_draft_under_its_hash(db: Database, content: dict[str, Any]) -> None:
    first = publish(db, content)
    again = publish(db, content)
    content["letters"]["hello"]["subject"] = "Hello again"
    second = publish(db, content)
    assert (first.number, again.number, second.number) == (1, 1, 2)
    assert first.content_hash == first.approved_hash != second.content_hash
    journey = db.look(lambda tx: journeys.journey_named(tx, "welcome"))
    assert journey
    assert (journey.status, journey.live_version) == ("live", second.id)
    kept = db.look(lambda tx: journeys.versions(tx, journey.id or 0))
    assert [version.content["letters"]["hello"]["subject"] for version in kept] == ["Hello again", "Hello"]


def test_a_draft_may_have_problems_but_does_not_run(db: Database, content: dict[str, Any], step: Step) -> None:
    content["nodes"]["out"] = step("wait", {"amount": 1, "unit": "days"}, next="mail")
    content["letters"]["hello"]["mjml"] = "<mjml><mj-body>"
    with pytest.raises(JourneyHasProblems) as problem:
        publish(db, content)
    said = str(problem.value)
    assert "hello" in said
    assert any(word in said for word in ("circle", "loop", "cycle"))
    journey = db.look(lambda tx: journeys.journey_named(tx, "welcome"))
    assert journey
    assert (journey.status, journey.live_version) == ("draft", None)
    with pytest.raises(JourneyHasProblems, match="never been published"):
        db.write(lambda tx: versions.resume(tx, journey.id or 0, "eve@example.com", T0))


def test_pause_and_resume_are_written_down(db: Database, content: dict[str, Any]) -> None:
    journey = publish(db, content).journey_id
    db.write(lambda tx: versions.pause(tx, journey, "eve@example.com", T0 + 2))
    assert db.look(lambda tx: tx.value("SELECT status FROM journeys")) == "paused"
    db.write(lambda tx: versions.resume(tx, journey, "adam@example.com", T0 + 3))
    assert db.look(lambda tx: tx.value("SELECT status FROM journeys")) == "live"
    trail = db.look(lambda tx: tx.rows("SELECT actor, action FROM audit_entries ORDER BY id"))
    assert trail == [
        ("eve@example.com", "journey.draft"),
        ("eve@example.com", "journey.publish"),
        ("eve@example.com", "journey.pause"),
        ("adam@example.com", "journey.resume"),
    ]
