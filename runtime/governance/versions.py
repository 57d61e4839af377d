"""A journey's way from a draft to a frozen version that runs, and to pause and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...nodes.node import Problem
from ...storage import journeys, reviews, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.journeys import Journey, Version
from ..content.dressed import dressed
from ..policy.basis import legal_basis
from ..program import content_hash
from . import approval
from .approval import DraftChanged
from .problems import JourneyHasProblems, problems, refuse_errors

__all__ = ["JourneyHasProblems", "NoSuchJourney", "pause", "problems", "publish", "restore", "resume", "save_draft"]


class NoSuchJourney(Exception):
    """There is no journey of that name. `sojourn journeys list` shows all."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no journey called {name!r}. `sojourn journeys list` shows all.")


class NoSuchVersion(Exception):
    """There is no such version. The journey's history lists all."""


def save_draft(tx: Tx, content: dict[str, Any], actor: str, now_ms: int, editors: Iterable[str] = ()) -> int:
    """Keep this content as the draft of the journey it names; makes the journey if it is new. Returns its id.

    ``editors`` are others whose changes it holds. Letters of blocks without a brand kit
    get the one in force. Saving what is there already leaves no trace.
    """
    now = from_ms(now_ms)
    content = dressed(tx, content)
    journey = journeys.journey_named(tx, content["name"])
    if journey is None:
        journey = Journey(name=content["name"], title="", created_at=now, changed_at=now)
    else:
        journeys.hold(tx, journey.id or 0)
        if journey.draft == content:
            return journey.id or 0
    journey.draft = content
    journey.title = content.get("title") or content["name"]
    journey.changed_at = now
    tx.session.add(journey)
    tx.session.flush()
    assert journey.id is not None
    approval.touched(tx, journey, (actor, *editors), now_ms)
    return journey.id


def publish(tx: Tx, journey_id: int, actor: str, now_ms: int, note: str = "", hash_shown: str | None = None) -> Version:
    """Freeze the draft as the next version, approve it under its hash, and make it the one that runs.

    People inside an earlier version finish it there. Publishing an unchanged draft answers with the
    version that is live already. ``hash_shown`` is the content that was looked at before saying yes.
    Raises `JourneyHasProblems`, `DraftChanged`, and `NotApprovedYet` where the instance asks for four eyes.
    """
    journey = _journey(tx, journey_id)
    now, digest = from_ms(now_ms), content_hash(journey.draft)
    if hash_shown is not None and hash_shown != digest:
        raise DraftChanged(DraftChanged.__doc__)
    earlier = journeys.versions(tx, journey_id)
    is_newest = bool(earlier) and earlier[0].content_hash == digest and earlier[0].approved_hash == digest
    review = None if is_newest else approval.clearance(tx, journey_id, digest)
    refuse_errors(tx, journey.draft, now_ms)
    if is_newest:
        version = earlier[0]
    else:
        edits = reviews.edits(tx, journey_id)
        version = Version(
            journey_id=journey_id, number=(earlier[0].number if earlier else 0) + 1, content=journey.draft,
            content_hash=digest, approved_hash=digest, created_at=now, note=note, author=next(iter(edits), (actor,))[0],
            legal_basis=legal_basis(tx, journey.draft),
            approved_by=review.decided_by if review else actor, approved_at=review.decided_at if review else now,
        )  # fmt: skip
        tx.session.add(version)
        tx.session.flush()
    assert version.id is not None
    journey.live_version = version.id
    journey.status = "live"
    journey.changed_at = now
    tx.session.add(journey)
    approval.settle(tx, journey, version.id, review, actor, now_ms)
    details = {"version": version.number, "hash": digest, "review": review.id if review else None}
    details |= {"legal_basis": version.legal_basis, "topic": journey.draft.get("topic")}
    users.note(tx, actor, "journey.publish", journey.name, now_ms, details)
    return version


def restore(tx: Tx, version_id: int, actor: str, now_ms: int) -> int:
    """Make an earlier version the draft again; its approval stays behind. Returns the journey's id."""
    version = journeys.version(tx, version_id)
    if version is None:
        raise NoSuchVersion(NoSuchVersion.__doc__)
    journey = _journey(tx, version.journey_id)
    users.note(tx, actor, "journey.restore", journey.name, now_ms, {"version": version.number})
    return save_draft(tx, {**version.content, "name": journey.name}, actor, now_ms)


def pause(tx: Tx, journey_id: int, actor: str, now_ms: int, why: str = "") -> None:
    """Stop everybody where they stand; nobody comes in and nothing is sent until it is resumed."""
    _turn(tx, journey_id, "paused", actor, now_ms, {"why": why} if why else {})


def resume(tx: Tx, journey_id: int, actor: str, now_ms: int) -> None:
    """Let a paused journey run on. What came due meanwhile happens now."""
    _turn(tx, journey_id, "live", actor, now_ms)


def _turn(
    tx: Tx, journey_id: int, status: str, actor: str, now_ms: int, details: Mapping[str, Any] | None = None
) -> None:
    journey = _journey(tx, journey_id)
    if journey.live_version is None:
        raise JourneyHasProblems([Problem(f"{journey.title} has never been published; publish it first.")])
    journey.status = status
    journey.changed_at = from_ms(now_ms)
    tx.session.add(journey)
    verb = "journey.pause" if status == "paused" else "journey.resume"
    users.note(tx, actor, verb, journey.name, now_ms, dict(details or {}))


def _journey(tx: Tx, journey_id: int) -> Journey:
    journey = journeys.hold(tx, journey_id)
    if journey is None:
        raise NoSuchJourney(str(journey_id))
    return journey
