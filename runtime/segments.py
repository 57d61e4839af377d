"""The library of segments: saved with their versions, put away, found where they are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..storage import journeys, segments, settings
from ..storage.columns import from_ms
from ..storage.database import Tx
from ..storage.segments import Segment, SegmentVersion
from .segment_checks import KINDS, SegmentProblem, check, ends_ms, mentioned, problems

__all__ = [
    "KINDS", "NoSuchSegment", "SegmentInUse", "SegmentIsApproved", "SegmentProblem", "Use", "delete", "named",
    "problems", "put_away", "restore", "save", "used_in", "written",
]  # fmt: skip


class NoSuchSegment(Exception):
    """There is no segment of that name. `sojourn segments list` shows what there is."""


class SegmentIsApproved(SegmentProblem):
    """A live journey was approved with this rule: save it under another name, and have the journey reviewed with it."""


class SegmentInUse(Exception):
    """A segment that journeys or other segments ask about cannot be deleted: take it out of them first."""


@dataclass(frozen=True, slots=True)
class Use:
    """Somewhere a segment is asked about: ``kind`` is journey or segment."""

    kind: str
    name: str
    title: str


def save(tx: Tx, written: Mapping[str, Any], actor: str, now_ms: int, note: str = "") -> Segment:
    """Keep a segment under its name, as a new one or over the one there is. Raises `SegmentProblem`.

    A changed rule is a new revision; who is in it is worked out again by the next refresh. Where the instance asks for
    four eyes, a rule that live journeys were approved with stays as it is: raises `SegmentIsApproved`.
    """
    part, rule = check(tx, written)
    now = from_ms(now_ms)
    segment = segments.segment_named(tx, part.name)
    fresh = segment is None
    if segment is None:
        segment = Segment(name=part.name, title="", created_at=now, changed_at=now)
    changed = not fresh and segment.rule != rule
    if changed and settings.some(tx, ["four_eyes"]).get("four_eyes"):
        _nobody_approved(tx, part.name)
    segment.title = part.title or part.name.replace("_", " ").replace("-", " ").capitalize()
    segment.kind, segment.description, segment.tags = part.kind, part.description, part.tags
    segment.owner = part.owner or segment.owner or actor
    ends = ends_ms(part.expires) if part.expires else None
    segment.expires_at = None if ends is None else from_ms(ends)
    segment.archived_at, segment.changed_at, segment.rule = None, now, rule
    segment.revision += 1 if changed else 0
    tx.session.add(segment)
    tx.session.flush()
    assert segment.id is not None
    if fresh or changed:
        segment.trouble = ""
        version = SegmentVersion(
            segment_id=segment.id, revision=segment.revision, rule=rule, author=actor, note=note, created_at=now
        )
        tx.session.add(version)
        tx.session.flush()
    return segment


def written(segment: Segment) -> dict[str, Any]:
    """A segment as `save` takes it."""
    day = segment.expires_at.date().isoformat() if segment.expires_at else None
    said = {
        "name": segment.name,
        "title": segment.title,
        "kind": segment.kind,
        "description": segment.description,
        "owner": segment.owner,
        "tags": segment.tags,
        "expires": day,
        "rule": segment.rule,
    }
    return {key: value for key, value in said.items() if value not in (None, "", [])}


def restore(tx: Tx, name: str, revision: int, actor: str, now_ms: int) -> Segment:
    """Take up an earlier rule again, as a new revision. Raises `NoSuchSegment`."""
    segment = named(tx, name)
    assert segment.id is not None
    earlier = next((each for each in segments.versions(tx, segment.id) if each.revision == revision), None)
    if earlier is None:
        raise NoSuchSegment(f"The segment “{name}” never had a revision {revision}.")
    return save(tx, {**written(segment), "rule": earlier.rule}, actor, now_ms, f"as in revision {revision}")


def put_away(tx: Tx, name: str, away: bool, now_ms: int) -> Segment:
    """Put a segment away, so that it is in no list and is not kept up to date any more; or take it out again."""
    segment = named(tx, name)
    if away and used_in(tx, name):
        raise SegmentInUse(SegmentInUse.__doc__)
    segment.archived_at = from_ms(now_ms) if away else None
    segment.filled = 0
    tx.session.add(segment)
    tx.session.flush()
    return segment


def delete(tx: Tx, name: str) -> None:
    """Take a segment away for good. Raises `NoSuchSegment` and `SegmentInUse`."""
    segment = named(tx, name)
    if used_in(tx, name):
        raise SegmentInUse(SegmentInUse.__doc__)
    assert segment.id is not None
    segments.remove(tx, segment.id)
    tx.session.expunge(segment)


def named(tx: Tx, name: str) -> Segment:
    """The segment of this short name. Raises `NoSuchSegment`."""
    segment = segments.segment_named(tx, name)
    if segment is None:
        raise NoSuchSegment(NoSuchSegment.__doc__)
    return segment


def used_in(tx: Tx, name: str) -> list[Use]:
    """The journeys (as drawn, or live) and the segments that ask about this one."""
    found = [
        Use("segment", segment.name, segment.title)
        for segment in segments.segments(tx)
        if segment.name != name and name in mentioned(segment.rule)
    ]
    for journey in journeys.journeys(tx):
        live = journeys.version(tx, journey.live_version) if journey.live_version else None
        if name in mentioned(journey.draft) or (live is not None and name in mentioned(live.content)):
            found.append(Use("journey", journey.name, journey.title))
    return found


def _nobody_approved(tx: Tx, name: str) -> None:
    """What sends is what was approved, and that includes whom a segment means."""
    asking, fresh = {name}, {name}
    library = segments.segments(tx)
    while fresh:
        fresh = {each.name for each in library if mentioned(each.rule) & fresh} - asking
        asking |= fresh
    for journey in journeys.journeys(tx):
        live = journeys.version(tx, journey.live_version) if journey.live_version else None
        if live is not None and mentioned(live.content) & asking:
            raise SegmentIsApproved([f"{journey.title}: {SegmentIsApproved.__doc__}"])
