"""Looks at the contacts that changed: what they are found by, and who may be one person; merges the surest if asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...storage import matches, merges, search
from ...storage.database import Database, Tx
from .. import settings
from ..matching import LEAST, Known, compare, keys, known
from ..merging import NotTwo, merge_two
from .chore import Chore

PAGE = 500  # contacts looked at together
PAGES = 40  # in one run
LATE_MS = 10_000  # on a server, what was written later may be committed first
FOUND_BY = ("name", "first_name", "last_name", "firstName", "lastName", "full_name", "company", "city")


@dataclass(frozen=True, slots=True)
class Looked:
    """A contact as this chore sees it."""

    user: str | None
    known: Known
    words: set[str]


def look(parts: Any) -> int:
    """Look at everybody who changed since the last time; what is cut short goes on with the next run."""
    db, clock = parts.db, parts.clock
    for _ in range(PAGES):
        if not _page(db, clock.now_ms()):
            break
    db.write(lambda tx: merges.forget_old(tx, clock.now_ms() - merges.UNDO_MS))
    return 0


def _page(db: Database, now_ms: int) -> bool:
    """One page of changed contacts; False when that was the last one."""
    until = now_ms - (LATE_MS if db.postgres else 0)
    rows = db.look(lambda tx: matches.changed(tx, matches.mark(tx), until, PAGE))
    if not rows:
        return False
    people = _looked(db, [key for _, key, alive in rows if alive])
    gone = [key for _, key, alive in rows if not alive]

    def write_keys(tx: Tx) -> None:
        matches.leave(tx, gone)
        search.forget(tx, gone)
        matches.set_keys(tx, {key: {matches.key_of(text) for text in keys(of.known)} for key, of in people.items()})
        search.set_words(tx, {key: of.words for key, of in people.items()})

    db.write(write_keys)
    asked = list(people)
    found = _compared(db, people) if asked else []

    def write_pairs(tx: Tx) -> None:
        matches.suggest(tx, asked, found, now_ms)
        matches.set_mark(tx, *rows[-1][:2])

    db.write(write_pairs)
    least = db.look(settings.load).merge_above
    for one, other, score, _ in found:
        two_accounts = people[one].user and people[other].user  # made on purpose: that takes a person's word
        if least and score >= least and not two_accounts:
            db.write(lambda tx, one=one, other=other: _merge(tx, one, other, now_ms))
    return len(rows) == PAGE


def _compared(db: Database, people: dict[int, Looked]) -> list[tuple[int, int, int, list[str]]]:
    """Likely pairs ``(one, other, score, reasons)``; whoever is compared with these people is added to them."""
    asked = list(people)
    pairs = db.look(lambda tx: matches.pairs(tx, asked))
    people |= _looked(db, sorted({key for pair in pairs for key in pair} - people.keys()))
    found = []
    for (one, other), shared in sorted(pairs.items()):
        if one in people and other in people:
            match = compare(people[one].known, people[other].known, shared)
            if match.score >= LEAST:
                found.append((one, other, match.score, match.reasons))
    return found


def _merge(tx: Tx, one: int, other: int, now_ms: int) -> None:
    if not matches.is_open(tx, one, other):  # somebody said no
        return
    try:
        merge_two(tx, one, other, "match", "", now_ms)
    except NotTwo:
        return  # merged into a third one a moment ago: that one is looked at with the next run


def _looked(db: Database, ids: list[int]) -> dict[int, Looked]:
    looked = {}
    for key, user, email, phone, properties in db.look(lambda tx: matches.live(tx, ids)) if ids else ():
        texts = [properties.get(name) for name in FOUND_BY]
        words = search.words_of([*texts, (email or "").rpartition("@")[0]])
        looked[key] = Looked(user, known(email, phone, properties), words)
    return looked


CHORE = Chore("duplicates", 30, look)
