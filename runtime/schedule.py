"""Triggers that fire by the calendar, and the backfill of event triggers: long sweeps, done page by page."""

from __future__ import annotations

from datetime import date, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from ..nodes.node import OnEvent, OnSchedule, ProfileRule
from ..nodes.rule import passes
from ..nodes.step import DAY_MS
from ..nodes.zones import first_instant
from ..storage import entering
from ..storage.columns import from_ms, load, to_ms
from ..storage.database import Database, Tx
from .clock import Clock
from .entries import admit
from .facts import profile_of
from .program import Program, ProgramShelf

PAGE = 2_000  # contacts looked at while the write door is held


class Schedule:
    """Looks after every calendar trigger. What has been done is in the store, so that a kill loses nothing."""

    def __init__(self, db: Database, shelf: ProgramShelf, clock: Clock) -> None:
        self._db, self._shelf, self._clock = db, shelf, clock

    def run_due(self, budget_seconds: float = 60) -> int:
        """Fire what is due; returns how many people came in. A sweep that takes longer goes on with the next call."""
        self._db.look(self._shelf.refresh)
        came, until = 0, monotonic() + budget_seconds
        for program in self._shelf.programs():
            for index, entry in program.entries:
                if isinstance(entry, OnSchedule):
                    came += self._tend(program, index, entry, until)
                elif isinstance(entry, OnEvent) and entry.backfill_days:
                    came += self._fill(program, index, entry, until)
        return came

    def next_due_ms(self, tx: Tx) -> int | None:
        """When the next trigger fires."""
        self._shelf.refresh(tx)
        moments = [
            cursor[0]
            for program, index, _ in self._shelf.scheduled()
            if (cursor := entering.cursor(tx, program.version_id, program.ids[index])) and cursor[0] is not None
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def _tend(self, program: Program, index: int, entry: OnSchedule, until: float) -> int:
        came, more = 0, True
        while more and monotonic() < until:
            page, more = self._db.write(lambda tx: tend(tx, program, index, entry, self._clock.now_ms()))
            came += page
        return came

    def _fill(self, program: Program, index: int, entry: OnEvent, until: float) -> int:
        came, more = 0, True
        while more and monotonic() < until:
            page, more = self._db.write(lambda tx: backfill(tx, program, index, entry, self._clock.now_ms()))
            came += page
        return came


def tend(tx: Tx, program: Program, index: int, entry: OnSchedule, now_ms: int) -> tuple[int, bool]:
    """One page of a calendar trigger: ``(people let in, whether there is more to do now)``."""
    node = program.ids[index]
    entering.hold_cursors(tx, program.version_id)
    cursor = entering.cursor(tx, program.version_id, node)
    if cursor is None:
        entering.save_cursor(tx, program.version_id, node, next_occasion_ms(entry, now_ms), None, 0)
        return 0, False
    next_at, sweep_at, after = cursor
    if sweep_at is None:
        if next_at is None or next_at > now_ms:
            return 0, False
        sweep_at, after = next_at, 0
    page = entering.reachable_after(tx, after, PAGE)
    people: list[tuple[int, int | None]] = []
    for contact, *row in page:
        profile = profile_of(*row)
        if _meets(entry.rule, profile, now_ms) and (entry.date_property is None or occurs(entry, profile, sweep_at)):
            people.append((contact, None))
    came = admit(tx, program, index, entry.reentry, people, now_ms)
    if len(page) == PAGE:
        entering.save_cursor(tx, program.version_id, node, next_at, sweep_at, page[-1][0])
        return came, True
    # Missed days of a date are made up one by one; a missed cron line fires once.
    following = next_occasion_ms(entry, sweep_at if entry.date_property else max(sweep_at, now_ms))
    entering.save_cursor(tx, program.version_id, node, following, None, 0)
    return came, following is not None and following <= now_ms


def backfill(tx: Tx, program: Program, index: int, entry: OnEvent, now_ms: int) -> tuple[int, bool]:
    """One page of those who did the event before the version went live: ``(people let in, whether there is more)``."""
    node = program.ids[index]
    entering.hold_cursors(tx, program.version_id)
    cursor = entering.cursor(tx, program.version_id, node)
    if cursor is not None and cursor[1] is None:
        return 0, False
    began, after = (now_ms, 0) if cursor is None or cursor[1] is None else (cursor[1], cursor[2])
    since = began - int(entry.backfill_days * DAY_MS)
    page = entering.doers_after(tx, entry.event, since, after, PAGE)
    if not page:
        entering.save_cursor(tx, program.version_id, node, None, None, 0)
        return 0, False
    latest = {contact: event for contact, event, properties in page if passes(entry.where, load(properties))}
    profiles = {contact: profile_of(*row) for contact, *row in entering.profiles(tx, sorted(latest))}
    people = [
        (contact, event) for contact, event in latest.items() if _meets(entry.rule, profiles.get(contact, {}), now_ms)
    ]
    came = admit(tx, program, index, entry.reentry, people, now_ms)
    entering.save_cursor(tx, program.version_id, node, None, began, page[-1][0])
    return came, True


def _meets(rule: ProfileRule | None, profile: dict[str, Any], now_ms: int) -> bool:
    return rule is None or rule.meets_profile(profile, now_ms)


def next_occasion_ms(entry: OnSchedule, after_ms: int) -> int | None:
    """The first moment after ``after_ms`` this trigger fires; None when it never will again."""
    zone = ZoneInfo(entry.zone)
    after = from_ms(after_ms).astimezone(zone)
    if entry.cron:
        try:
            return to_ms(next(CronSim(entry.cron, after)))
        except StopIteration:
            return None
    at, day = time.fromisoformat(entry.at), after.date()
    while (occasion := first_instant(day, at, zone)) <= after_ms:
        day += timedelta(days=1)
    return occasion


def occurs(entry: OnSchedule, profile: dict[str, Any], occasion_ms: int) -> bool:
    """Whether the contact's date, moved by the offset, falls on the day of this occasion."""
    given = _as_date(profile.get(entry.date_property or ""))
    if given is None:
        return False
    today = from_ms(occasion_ms).astimezone(ZoneInfo(entry.zone)).date()
    wanted = today - timedelta(days=entry.offset_days)
    if not entry.yearly:
        return given == wanted
    if (given.month, given.day) == (2, 29) and not _leap(wanted.year):
        return (wanted.month, wanted.day) == (2, 28)
    return (given.month, given.day) == (wanted.month, wanted.day) and given <= wanted


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _as_date(value: Any) -> date | None:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value.strip()[:10])
        if isinstance(value, int | float) and not isinstance(value, bool):
            return from_ms(int(value)).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None
