"""Which contacts may meet a rule now and did not before, or the other way round: as questions for the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .facts import RECENCY
from .segment_sql import LIVE, Compiler
from .segment_terms import (
    AllTerm,
    AnyTerm,
    ConsentTerm,
    EventTerm,
    FeatureTerm,
    MemberTerm,
    MessageTerm,
    NotTerm,
    PropertyTerm,
    StayTerm,
    Term,
)
from .sql import Sql, sql

MEMBERSHIP = ("joined_segment", "left_segment")


def touched(before: Term, now: Term, seen: Mapping[str, int], since_ms: int, postgres: bool) -> list[Sql]:
    """Questions for contact ids. ``before`` and ``now`` are one rule at two moments; ``seen`` the highest ids then."""
    pairs = list(_leaves(before, now))
    events = sorted({term.event for _, term in pairs if isinstance(term, EventTerm)})
    if any(isinstance(term, MemberTerm) for _, term in pairs):
        events += MEMBERSHIP
    asked = [
        sql("SELECT id FROM contacts WHERE changed_at >= {}", since_ms),
        sql("SELECT merged_into FROM contacts WHERE changed_at >= {}", since_ms),
    ]
    asked += [
        sql("SELECT contact_id FROM events WHERE id > {} AND +name = {}" if not postgres else
            "SELECT contact_id FROM events WHERE id > {} AND name = {}", seen["events"], name)
        for name in events
    ]  # fmt: skip
    compiler = Compiler(postgres, lambda term: True)
    for old, new in pairs:
        asked += _of(old, new, seen, since_ms, compiler)
    return list(dict.fromkeys(asked))


def _leaves(before: Term, now: Term) -> Iterator[tuple[Term, Term]]:
    if isinstance(before, AllTerm | AnyTerm) and isinstance(now, AllTerm | AnyTerm):
        for old, new in zip(before.parts, now.parts, strict=True):
            yield from _leaves(old, new)
    elif isinstance(before, NotTerm) and isinstance(now, NotTerm):
        yield from _leaves(before.part, now.part)
    else:
        yield before, now


def _of(old: Term, new: Term, seen: Mapping[str, int], since_ms: int, compiler: Compiler) -> Iterator[Sql]:
    if isinstance(old, EventTerm) and isinstance(new, EventTerm):
        for edge, later in ((old.start, new.start), (old.until, new.until)):
            if edge != later:
                yield sql(
                    "SELECT contact_id FROM events WHERE name = {} AND at >= {} AND at < {}", new.event, edge, later
                )
    elif isinstance(old, MessageTerm) and isinstance(new, MessageTerm):
        done = {"sent": "sent_at", "opened": "opened_at", "clicked": "clicked_at"}[new.what]
        yield sql(f"SELECT contact_id FROM messages WHERE {done} >= {{}}", since_ms)
        for edge, later in ((old.start, new.start), (old.until, new.until)):
            if edge != later:
                yield sql("SELECT contact_id FROM messages WHERE queued_at >= {} AND queued_at < {}", edge, later)
    elif isinstance(old, StayTerm) and isinstance(new, StayTerm):
        yield from _stays(old, new, seen, since_ms)
    elif isinstance(new, ConsentTerm):
        yield sql("SELECT contact_id FROM consents WHERE id > {} AND topic = {}", seen["consents"], new.topic)
    elif isinstance(new, FeatureTerm):
        yield sql("SELECT contact_id FROM features WHERE refreshed_at >= {}", since_ms)
        moves = new.test.path in RECENCY
        if moves or (old != new and isinstance(old, FeatureTerm) and old.test != new.test):
            yield _crossing(old, new, compiler, " LEFT JOIN features f ON f.contact_id = c.id")
    elif isinstance(new, PropertyTerm) and old != new:
        yield _crossing(old, new, compiler, "")


def _stays(old: StayTerm, new: StayTerm, seen: Mapping[str, int], since_ms: int) -> Iterator[Sql]:
    mine = sql("journey_id = (SELECT j.id FROM journeys j WHERE j.name = {})", new.journey)
    yield sql("SELECT contact_id FROM enrollments WHERE id > {} AND {}", seen["enrollments"], mine)
    yield sql("SELECT contact_id FROM enrollments WHERE ended_at >= {} AND {}", since_ms, mine)
    column = {"entered": "entered_at", "inside": "entered_at", "left": "ended_at", "converted": "at"}[new.was]
    edges = [(edge, later) for edge, later in ((old.start, new.start), (old.until, new.until)) if edge != later]
    if new.was == "converted":
        for edge, later in [*edges, (since_ms, 2**62)]:
            yield sql(
                "SELECT contact_id FROM enrollments WHERE {} AND id IN"
                " (SELECT v.enrollment_id FROM conversions v WHERE v.at >= {} AND v.at < {})",
                mine, edge, later,
            )  # fmt: skip
        return
    for edge, later in edges:
        yield sql(
            f"SELECT contact_id FROM enrollments WHERE {{}} AND {column} >= {{}} AND {column} < {{}}", mine, edge, later
        )


def _crossing(old: Term, new: Term, compiler: Compiler, join: str) -> Sql:
    """For whom time alone changed the answer."""
    return sql(
        f"SELECT c.id FROM contacts c{join} WHERE {{}} AND ({{}}) <> ({{}})",
        LIVE,
        compiler.test(old),
        compiler.test(new),
    )
