"""Who is in which segment, kept up to date: only those are asked again whom something has happened to."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..nodes.rule import Rule
from ..storage import feature_history, segment_queries, segments
from ..storage.database import Database, Tx
from ..storage.segment_terms import Term
from ..storage.segment_touched import touched
from ..storage.segments import Segment
from .occurrences import occur
from .program import ProgramShelf
from .segment_checks import mentioned, order
from .segment_terms import NotAboutPeople, terms

log = logging.getLogger(__name__)

JOINED, LEFT = "joined_segment", "left_segment"
PAGE = 5_000  # people who come in or go out while the write door is held
MOST_TOUCHED = 200_000  # with more of them everybody is asked again
OVERLAP_MS = 300_000  # what was being written while we looked last is looked at again
SETTLED_MS = 60_000  # PostgreSQL gives ids out before they are committed: after this time they are
WHOLE_MS = 86_400_000  # everybody is asked again after this time, whatever happened
LOOKS = 20  # remembered until they are settled
SHARE = 20  # keeping a segment up to date takes at most this small a part of the time
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. ``looked_at`` None: everybody was."""

    name: str
    size: int
    joined: int
    left: int
    looked_at: int | None
    due: int


@dataclass(frozen=True, slots=True)
class _Change:
    """Who came in and who went out since, as a snapshot had it."""

    joined: list[int]
    left: list[int]
    mark: dict[str, Any]
    looked_at: int | None


def refresh_all(db: Database, shelf: ProgramShelf, now_ms: int, *, patient: bool = False) -> list[Refreshed]:
    """Bring every segment up to date, those first that others ask about. ``patient`` leaves out who is not due yet."""
    found = {segment.name: segment for segment in db.look(segments.segments)}
    done: list[Refreshed] = []
    for name in order({name: segment.rule for name, segment in found.items()}):
        segment = found[name]
        if segment.expires_at is not None and segment.expires_at.timestamp() * 1000 < now_ms:
            _empty(db, segment, now_ms)
        elif not patient or _is_due(segment, now_ms) or any(each.name in mentioned(segment.rule) for each in done):
            try:
                done.append(refresh(db, shelf, name, now_ms))
            except NotAboutPeople as error:
                db.write(lambda tx, key=segment.id, error=error: segments.save_trouble(tx, key or 0, str(error)))
            except Exception as error:
                log.exception("The segment %s is not kept up to date", name)
                why = f"It could not be brought up to date: {type(error).__name__}."
                db.write(lambda tx, key=segment.id, why=why: segments.save_trouble(tx, key or 0, why))
    return done


def refresh(db: Database, shelf: ProgramShelf, name: str, now_ms: int) -> Refreshed:
    """Bring one segment up to date; everybody is asked when its rule is new, else those who may have changed sides.

    Coming in and going out are events, but for the first filling of a new segment.
    """
    began = time.monotonic()
    segment, change = db.look(lambda tx: _look(tx, name, now_ms))
    assert segment.id is not None
    told, due = segment.filled > 0, 0
    for page in _pages(change.joined):
        due += db.write(lambda tx, page=page: _move(tx, shelf, segment, page, True, told, now_ms))
    for page in _pages(change.left):
        due += db.write(lambda tx, page=page: _move(tx, shelf, segment, page, False, told, now_ms))
    mark = {**change.mark, "took_ms": round((time.monotonic() - began) * 1000)}
    joined, left = len(change.joined), len(change.left)

    def keep(tx: Tx) -> int:
        assert segment.id is not None
        held = segments.held_mark(tx, segment.id)
        if held is None:
            return 0
        kept = mark if held == segment.mark else {}  # somebody else was at it, too: everybody is asked again
        size = segments.size(tx, segment.id)
        segments.save_progress(tx, segment.id, size=size, filled=segment.revision, mark=kept, now_ms=now_ms)
        told_of = (joined, left) if told else (0, 0)
        segments.note_size(tx, segment.id, now_ms // DAY_MS, size, *told_of)
        return size

    return Refreshed(name, db.write(keep), joined, left, change.looked_at, due)


def _look(tx: Tx, name: str, now_ms: int) -> tuple[Segment, _Change]:
    """What has changed, as one snapshot has it. What happens meanwhile is behind the mark, and seen next time."""
    segment = segments.segment_named(tx, name)
    assert segment is not None and segment.id is not None
    rule = Rule.model_validate(segment.rule)
    now = terms(rule, now_ms)
    old = segment.mark
    seen = segment_queries.highest(tx)
    mark = {
        "at": now_ms,
        "tops": [*_settled(old), [now_ms, seen]] if tx.postgres else [[now_ms, seen]],
        "last": segment_queries.last_ones(tx, seen),
        "whole_at": old.get("whole_at", now_ms),
        "asks": {each: _filled(tx, each) for each in sorted(mentioned(segment.rule))},
    }
    some = _touched(tx, segment, rule, now, mark, now_ms)
    if some is None:
        here, meets = segments.member_ids(tx, segment.id), set(segment_queries.ids(tx, now))
        mark["whole_at"] = now_ms
    else:
        here, meets = set[int](), set[int]()
        for page in _pages(some):
            here |= segments.members_among(tx, segment.id, page)
            meets.update(segment_queries.ids_among(tx, now, page))
    tx.session.expunge(segment)
    joined, left = sorted(meets - here), sorted(here - meets)
    return segment, _Change(joined, left, mark, None if some is None else len(some))


def _touched(
    tx: Tx, segment: Segment, rule: Rule, now: Term, mark: dict[str, Any], now_ms: int
) -> list[int] | None:  # fmt: skip
    """Who may have changed sides since the last time; None when everybody has to be asked."""
    old = segment.mark
    if segment.filled != segment.revision or not old or old.get("asks") != mark["asks"]:
        return None
    if now_ms - old.get("whole_at", 0) >= WHOLE_MS or now_ms < old["at"]:
        return None
    if tx.postgres:
        when, seen = _settled(old)[0]
        if when > old["at"] - SETTLED_MS:
            return None
    else:
        seen = old["tops"][-1][1]
        if segment_queries.last_ones(tx, seen) != old["last"]:  # they were deleted, and their ids given out again
            return None
    asked = touched(terms(rule, old["at"]), now, seen, old["at"] - OVERLAP_MS, tx.postgres)
    found = segment_queries.contacts_of(tx, asked, MOST_TOUCHED)
    return None if len(found) >= MOST_TOUCHED else found


def _settled(mark: dict[str, Any]) -> list[list[Any]]:
    """The highest ids as of several looks, from the last one on that was over long enough before the last look."""
    tops = mark.get("tops", [])
    while len(tops) > 1 and tops[1][0] <= mark["at"] - SETTLED_MS:
        tops = tops[1:]
    return [*tops[:1], *tops[1:][-LOOKS:]]


def _move(
    tx: Tx, shelf: ProgramShelf, segment: Segment, contacts: Sequence[int], come: bool, told: bool, now_ms: int
) -> int:
    """Write who came or went, once however often this runs; returns how many people are due in journeys.

    Nobody comes in who was erased or merged meanwhile, nor into a segment that was deleted.
    """
    assert segment.id is not None
    if segments.held_mark(tx, segment.id) is None:
        return 0
    here = segments.members_among(tx, segment.id, contacts)
    living = set(feature_history.living(tx, contacts) if come else contacts)
    moved = [contact for contact in contacts if (contact in here) is not come and contact in living]
    segments.put_members(tx, segment.id, moved if come else [], [] if come else moved, now_ms)
    if not told:
        return 0
    said = {"segment": segment.name}
    return occur(tx, shelf, [(contact, JOINED if come else LEFT, said) for contact in moved], now_ms)


def _empty(db: Database, segment: Segment, now_ms: int) -> None:
    """Nobody is in a segment that has expired; nobody is told."""

    def job(tx: Tx) -> None:
        assert segment.id is not None
        segments.clear(tx, segment.id)
        trouble = "It has expired and is not kept up to date any more."
        segments.save_progress(tx, segment.id, size=0, filled=0, mark={}, now_ms=now_ms, trouble=trouble)

    if segment.filled or not segment.trouble:
        db.write(job)


def _filled(tx: Tx, name: str) -> int:
    other = segments.segment_named(tx, name)
    return other.filled if other else 0


def _is_due(segment: Segment, now_ms: int) -> bool:
    mark = segment.mark
    if segment.filled != segment.revision or not mark:
        return True
    return now_ms - mark.get("at", 0) >= mark.get("took_ms", 0) * SHARE


def _pages(contacts: Sequence[int]) -> list[Sequence[int]]:
    return [contacts[start : start + PAGE] for start in range(0, len(contacts), PAGE)]
