"""A journey's way from a draft to a frozen version that runs, and to pause and back."""

from __future__ import annotations

from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...storage import journeys, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.journeys import Journey, Version
from ..content.letter import LetterProblem, compile_letter
from ..program import content_hash


class JourneyHasProblems(Exception):
    """The journey has problems that keep it from running; mend them and publish again."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.text for problem in problems))


class NoSuchJourney(Exception):
    """There is no journey of that name. `sojourn journeys list` shows all."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no journey called {name!r}. `sojourn journeys list` shows all.")


def save_draft(tx: Tx, content: dict[str, Any], actor: str, now_ms: int) -> int:
    """Keep this content as the draft of the journey it names; makes the journey if it is new. Returns its id."""
    now = from_ms(now_ms)
    journey = journeys.journey_named(tx, content["name"])
    if journey is None:
        journey = Journey(name=content["name"], title=content.get("title") or content["name"],
                          created_at=now, changed_at=now)  # fmt: skip
    journey.draft = content
    journey.title = content.get("title") or content["name"]
    journey.changed_at = now
    tx.session.add(journey)
    tx.session.flush()
    assert journey.id is not None
    users.note(tx, actor, "journey.draft", journey.name, now_ms)
    return journey.id


def problems(content: dict[str, Any]) -> list[Problem]:
    """Everything wrong with a journey, its letters included; errors keep it from being published."""
    found = JourneyGraph(content).problems()
    for name, letter in (content.get("letters") or {}).items():
        try:
            compile_letter(letter)
        except LetterProblem as error:
            found += [Problem(f"Letter “{name}”, line {issue.line}: {issue.text}") for issue in error.issues]
    return found


def publish(tx: Tx, journey_id: int, actor: str, now_ms: int, note: str = "") -> Version:
    """Freeze the draft as the next version, approve it under its hash, and make it the one that runs.

    People inside an earlier version finish it there. Publishing an unchanged draft answers with the
    version that is live already. Raises `JourneyHasProblems`.
    """
    journey = _journey(tx, journey_id)
    errors = [problem for problem in problems(journey.draft) if problem.severity == "error"]
    if errors:
        raise JourneyHasProblems(errors)
    now, digest = from_ms(now_ms), content_hash(journey.draft)
    earlier = journeys.versions(tx, journey_id)
    if earlier and earlier[0].content_hash == digest and earlier[0].approved_hash == digest:
        version = earlier[0]
    else:
        version = Version(
            journey_id=journey_id, number=(earlier[0].number if earlier else 0) + 1, content=journey.draft,
            content_hash=digest, approved_hash=digest, approved_by=actor, approved_at=now, author=actor, note=note,
            created_at=now,
        )  # fmt: skip
        tx.session.add(version)
        tx.session.flush()
    journey.live_version = version.id
    journey.status = "live"
    journey.changed_at = now
    tx.session.add(journey)
    users.note(tx, actor, "journey.publish", journey.name, now_ms, {"version": version.number, "hash": digest})
    return version


def pause(tx: Tx, journey_id: int, actor: str, now_ms: int) -> None:
    """Stop everybody where they stand; nobody comes in and nothing is sent until it is resumed."""
    _turn(tx, journey_id, "paused", actor, now_ms)


def resume(tx: Tx, journey_id: int, actor: str, now_ms: int) -> None:
    """Let a paused journey run on. What came due meanwhile happens now."""
    _turn(tx, journey_id, "live", actor, now_ms)


def _turn(tx: Tx, journey_id: int, status: str, actor: str, now_ms: int) -> None:
    journey = _journey(tx, journey_id)
    if journey.live_version is None:
        raise JourneyHasProblems([Problem(f"{journey.title} has never been published; publish it first.")])
    journey.status = status
    journey.changed_at = from_ms(now_ms)
    tx.session.add(journey)
    users.note(tx, actor, f"journey.{'pause' if status == 'paused' else 'resume'}", journey.name, now_ms)


def _journey(tx: Tx, journey_id: int) -> Journey:
    journey = tx.session.get(Journey, journey_id)
    if journey is None:
        raise NoSuchJourney(str(journey_id))
    return journey
