"""Keeps everybody's figures right at a cost that follows what changed: new events, new people, and the passing of time.

A page of people is read from a snapshot and worked out beside the write door; the door is held only to write it down.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...storage import feature_history, features
from ...storage.database import Database, Tx
from ..clock import Clock
from ..occurrences import occur
from ..program import ProgramShelf
from . import marks as kept_marks
from . import measures as definitions
from .history import figures, histories
from .lifecycle import DAY_MS
from .marks import Marks
from .measures import Measures

PAGE, EVENTS, GRADES = 500, 5_000, 20_000  # contacts worked out together, event ids looked through, contacts regraded
BUDGET_S = 5.0
LATE_MS = 7 * DAY_MS  # a change of stage that began longer ago is history when we find it: nobody is told
CHANGED = "lifecycle_changed"


@dataclass(frozen=True, slots=True)
class Worked:
    """What was worked out of one contact; ``figures`` None for somebody who is no longer there."""

    contact: int
    touched: int | None
    figures: dict[str, Any] | None
    next_ms: int | None


class Refresh:
    """One run over what changed. `run` until nothing is left, or for as long as the budget lasts."""

    def __init__(self, db: Database, shelf: ProgramShelf, clock: Clock, budget_s: float = BUDGET_S) -> None:
        self._db, self._shelf, self._clock = db, shelf, clock
        self._until = time.monotonic() + budget_s
        self._seen: set[int] = set()  # worked out in this run already, and so from events up to its end
        self._due = 0
        self._marks = Marks()
        self._measures = Measures()

    def run(self) -> int:
        """Bring figures up to now; returns how many people are due in journeys that answer to a change of stage."""
        found, self._measures = self._db.look(lambda tx: (kept_marks.load(tx), definitions.load(tx)))
        if found is None:
            found = self._db.write(lambda tx: _begin(tx, self._clock.now_ms()))
        self._marks = found
        for work in (self._new_people, self._new_events, self._time, self._fill, self._groups):
            for _ in work():
                if time.monotonic() > self._until:
                    return self._due
        return self._due

    # ── whom to look at: each yields after a page ─────────────────────────────────────────────────────

    def _new_people(self) -> Iterator[None]:
        self._top = self._db.look(self._marks.begin)
        while self._marks.contact < self._top[1]:
            ids = self._db.look(lambda tx: features.came(tx, self._marks.contact, self._top[1], PAGE))
            self._marks.contact = ids[-1] if len(ids) == PAGE else self._top[1]
            self._page(ids)
            yield

    def _new_events(self) -> Iterator[None]:
        while self._marks.event < self._top[0]:
            last = min(self._marks.event + EVENTS, self._top[0])
            ids = self._db.look(lambda tx, last=last: features.who_did(tx, self._marks.event, last))
            fresh = [contact for contact in ids if contact not in self._seen]
            for start in range(0, len(fresh), PAGE):
                self._page(fresh[start : start + PAGE])
                yield
            self._marks.event = last
        self._db.look(self._marks.finish)
        if self._db.look(kept_marks.load) != self._marks:
            self._db.write(self._save)

    def _time(self) -> Iterator[None]:
        while ids := self._db.look(lambda tx: features.due(tx, self._clock.now_ms(), PAGE)):
            self._page(ids)
            yield

    def _fill(self) -> Iterator[None]:
        while (fill := self._marks.fill) is not None:
            ids = self._db.look(lambda tx, fill=fill: features.came(tx, fill["after"], fill["upto"], PAGE))
            self._marks.fill = {**fill, "after": ids[-1]} if len(ids) == PAGE else None
            self._page(ids)
            yield

    def _groups(self) -> Iterator[None]:
        """Once a day the buyers are parted anew, a page of them at a time."""
        today = self._clock.now_ms() // DAY_MS
        if self._marks.cuts.get("day") != today:
            cuts = self._db.look(lambda tx: {grade: features.cuts(tx, grade) for grade in features.GRADED})
            self._marks.cuts = {**cuts, "day": today, "after": 0}
        while (after := self._marks.cuts.get("after")) is not None:
            upto = after + GRADES
            self._marks.cuts["after"] = upto if upto < self._marks.contact else None
            self._db.write(lambda tx, after=after, upto=upto: self._regrade(tx, after, upto))
            yield

    def _regrade(self, tx: Tx, after: int, upto: int) -> None:
        if self._marks.grades:
            features.regrade(tx, self._marks.grades, after, upto, self._clock.now_ms())
        self._save(tx)

    # ── a page ────────────────────────────────────────────────────────────────────────────────────────

    def _page(self, contacts: Sequence[int]) -> None:
        now_ms = self._clock.now_ms()
        worked = self._db.look(lambda tx: self.work_out(tx, contacts, now_ms)) if contacts else []
        self._due += self._db.write(lambda tx: self._keep(tx, worked, now_ms))
        self._seen.update(contacts)

    def work_out(self, tx: Tx, contacts: Sequence[int], now_ms: int) -> list[Worked]:
        """The figures of these contacts as this snapshot has them."""
        before = features.held(tx, contacts, lock=False)
        living = feature_history.living(tx, contacts)
        events = feature_history.events(tx, contacts, self._measures.telling)
        letters = feature_history.letters(tx, contacts)
        known = histories(living, events, letters, self._measures)
        found: list[Worked] = []
        for contact in contacts:
            touched = before[contact][0] if contact in before else None
            history = known.get(contact)
            if history is None:
                found.append(Worked(contact, touched, None, None))
            else:
                found.append(Worked(contact, touched, *figures(history, now_ms, self._measures, self._marks.grades)))
        return found

    def _keep(self, tx: Tx, worked: Sequence[Worked], now_ms: int) -> int:
        """Write down what still holds, and tell of changed stages. Who was touched meanwhile stays due."""
        before = features.held(tx, [one.contact for one in worked])
        gone: list[int] = []
        changed: list[tuple[Any, ...]] = []
        planned: list[tuple[int | None, int]] = []
        told: list[tuple[int, str, dict[str, Any]]] = []
        recent = max(now_ms - LATE_MS, self._marks.since)
        for one in worked:
            touched, next_ms, *old = before.get(one.contact, (None, None))
            if touched != one.touched:
                continue
            if one.figures is None:
                gone.append(one.contact)
                continue
            new = [one.figures[name] for name in features.FIGURES]
            if new != old:
                changed.append((one.contact, *new, now_ms, one.next_ms))
                stage = (old[features.FIGURES.index("stage")] if old else None) or "new"
                if stage != one.figures["stage"] and one.figures["stage_since_at"] >= recent:
                    told.append((one.contact, CHANGED, {"from": stage, "to": one.figures["stage"]}))
            elif next_ms != one.next_ms:
                planned.append((one.next_ms, one.contact))
        features.forget(tx, gone)
        features.write(tx, changed)
        features.plan(tx, planned)
        self._save(tx)
        return occur(tx, self._shelf, told, now_ms)

    def _save(self, tx: Tx) -> None:
        kept_marks.save(tx, self._marks)


def _begin(tx: Tx, now_ms: int) -> Marks:
    """The first time: everybody who is there is filled, and what comes from now on is new."""
    event, contact = features.newest(tx)
    marks = Marks(event, contact, features.event_stamp(tx, event), since=now_ms, fill={"after": 0, "upto": contact})
    kept_marks.save(tx, marks)
    return marks
