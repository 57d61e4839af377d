"""What an event does to journeys: it lets people in, wakes those who wait for it, and ends what it was the goal of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..nodes.node import OnCall, Reentry
from ..nodes.rule import passes
from ..nodes.step import DAY_MS
from ..storage import entering, walking
from ..storage.database import Tx
from ..storage.turned_away import AGAIN, Turned
from ..storage.walking import GONE
from .collisions import Groups
from .facts import profile_of
from .program import NotApproved, NotRunnable, Program, ProgramShelf


class NoSuchJourney(Exception):
    """There is no live journey of that name with a manual trigger. `sojourn journeys list` shows what is live."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that has just been stored. ``fresh`` is False for history that must not start anything."""

    event_id: int
    contact_id: int
    name: str
    at_ms: int
    properties: dict[str, Any]
    fresh: bool = True


@dataclass(slots=True)
class _Stay:
    """A live enrollment: one that was there (``id``) or one that is just being written."""

    id: int | None
    program: Program | None
    contact_id: int
    node: int
    version: int
    wait_event: str | None = None
    interrupt: int | None = None
    event_id: int | None = None

    @property
    def ends(self) -> bool:
        """Whether the next walk ends it: they have reached a goal with nothing behind it, or are gone."""
        if self.interrupt is None or self.program is None:
            return False
        return self.interrupt == GONE or not self.program.exits[self.interrupt]


def react(tx: Tx, shelf: ProgramShelf, happened: Sequence[Happened], now_ms: int) -> int:
    """Let events take effect, in their order, inside the transaction that stores them. Returns how many are now due."""
    fresh = [event for event in happened if event.fresh]
    if not fresh:
        return 0
    shelf.refresh(tx)
    return _Reaction(tx, shelf, fresh, now_ms).run()


class _Reaction:
    def __init__(self, tx: Tx, shelf: ProgramShelf, events: list[Happened], now_ms: int) -> None:
        self.tx, self.shelf, self.events, self.now_ms = tx, shelf, events, now_ms
        self.stays: dict[int, dict[int, _Stay]] = {}  # contact → journey → stay
        self.woken: list[tuple[int, int, str]] = []
        self.pulled: list[tuple[int, int, int]] = []
        self.deltas: list[tuple[int, int, str, int, int]] = []
        self.groups = Groups(tx)
        self._before: dict[int, dict[int, int]] = {}
        self._profiles: dict[int, dict[str, Any]] = {}

    def run(self) -> int:
        contacts = sorted({event.contact_id for event in self.events})
        for id_, journey, version, contact, node, wait_event, interrupt in entering.inside(self.tx, contacts):
            stay = _Stay(id_, self._program(version), contact, node, version, wait_event, interrupt)
            self.stays.setdefault(contact, {})[journey] = stay
        for event in self.events:
            for stay in self.stays.get(event.contact_id, {}).values():
                self._tell(stay, event)
            self._let_in(event)
        return self._write()

    def _program(self, version: int) -> Program | None:
        try:
            return self.shelf.program(self.tx, version)
        except (NotApproved, NotRunnable):
            return None  # its people stand still; the engine says why

    def _tell(self, stay: _Stay, event: Happened) -> None:
        """An event reaches somebody who is inside."""
        if stay.wait_event == event.name and stay.id is not None:
            self.woken.append((self.now_ms, stay.id, event.name))
        for index, listen in stay.program.listeners.get(event.name, ()) if stay.program else ():
            if stay.interrupt is not None or not passes(listen.where, event.properties):
                continue
            if listen.leave:
                stay.interrupt = index
                if stay.id is not None:
                    self.pulled.append((index, self.now_ms, stay.id))
            elif stay.id is not None and stay.program:
                self._count_conversion(stay.program, stay.id, index)

    def _count_conversion(self, program: Program, enrollment: int, index: int) -> None:
        """A goal that is only counted: nobody moves, and the first time counts."""
        if walking.convert_one(self.tx, (enrollment, index, self.now_ms)):
            day = self.now_ms // DAY_MS
            self.deltas += [(program.version_id, index, port, day, 1) for port in ("in", "next")]

    def _let_in(self, event: Happened) -> None:
        called = self.shelf.triggered_by(event.name)
        if self.groups and len(called) > 1:
            called = sorted(called, key=lambda one: self.groups.standing(one[0].version_id))
        for program, index, entry in called:
            if program.journey_id in self.stays.get(event.contact_id, {}):
                continue
            if not passes(entry.where, event.properties):
                continue
            if entry.rule and not entry.rule.meets_profile(self._profile(event.contact_id), self.now_ms):
                continue
            if self._may_come_again(program, entry.reentry, event.contact_id) and self._has_room(program, event):
                stay = _Stay(None, program, event.contact_id, index, program.version_id, event_id=event.event_id)
                self.stays.setdefault(event.contact_id, {})[program.journey_id] = stay

    def _has_room(self, program: Program, event: Happened) -> bool:
        """Whether no journey stands in the way; those that have to give way do."""
        if not self.groups.concern(program.journey_id):
            return True
        stays = self.stays.get(event.contact_id, {})
        inside = {journey: stay.version for journey, stay in stays.items() if not stay.ends}
        giving = self.groups.ask(event.contact_id, program.journey_id, program.version_id, inside)
        for journey in giving or ():
            stay = stays.pop(journey)
            if stay.id is None:
                self.groups.gave_way_before(event.contact_id, journey, program.journey_id)
            else:
                self.groups.give_way([stay.id])
        return giving is not None

    def _may_come_again(self, program: Program, reentry: Reentry, contact: int) -> bool:
        if reentry.policy == "always":
            return True
        before = self._before.get(program.journey_id)
        if before is None:
            everybody = sorted({event.contact_id for event in self.events})
            before = self._before[program.journey_id] = entering.last_entries(self.tx, program.journey_id, everybody)
        return may_come_again(reentry, before.get(contact), self.now_ms)

    def _profile(self, contact: int) -> dict[str, Any]:
        if contact not in self._profiles:
            everybody = sorted({event.contact_id for event in self.events})
            for id_, *row in entering.profiles(self.tx, everybody):
                self._profiles[id_] = profile_of(*row)
        return self._profiles.get(contact, {})

    def _write(self) -> int:
        now_ms = self.now_ms
        self.groups.write(now_ms)
        new = [stay for stays in self.stays.values() for stay in stays.values() if stay.id is None]
        entering.enter(self.tx, [_row(stay.program, stay, now_ms) for stay in new if stay.program])
        entering.wake(self.tx, self.woken)
        entering.pull(self.tx, self.pulled)
        self.tx.insert("node_deltas", "version_id,node,port,day,n", self.deltas)
        return len(new) + len(self.woken) + len(self.pulled)


def _row(program: Program, stay: _Stay, now_ms: int) -> tuple[Any, ...]:
    return (
        program.journey_id, program.version_id, stay.contact_id, stay.node, 0, now_ms, 0, stay.interrupt,
        now_ms, now_ms, stay.event_id,
    )  # fmt: skip


def may_come_again(reentry: Reentry, last_ms: int | None, now_ms: int) -> bool:
    """Whether somebody who last came in at ``last_ms`` (None: never) may come in now."""
    if last_ms is None or reentry.policy == "always":
        return True
    return reentry.policy == "after" and now_ms - last_ms >= reentry.days * DAY_MS


def admit(
    tx: Tx,
    program: Program,
    index: int,
    reentry: Reentry,
    people: Iterable[tuple[int, int | None]],
    now_ms: int,
    *,
    said: bool = False,
) -> int:
    """Let ``(contact, event)`` in at a trigger, but for those inside, and those who may not come in.

    ``said``: that somebody may not come in again is written down too, not only that another journey stood in the way.
    """
    events = dict(people)
    contacts = entering.lock_contacts(tx, list(events)) if events else []
    if not contacts:
        return 0
    inside: dict[int, dict[int, tuple[int, int]]] = {}  # contact → journey → enrollment and version
    for id_, journey, version, contact, *_ in entering.inside(tx, contacts):
        inside.setdefault(contact, {})[journey] = (id_, version)
    before = {} if reentry.policy == "always" else entering.last_entries(tx, program.journey_id, contacts)
    outside = [contact for contact in contacts if program.journey_id not in inside.get(contact, {})]
    welcome = [contact for contact in outside if may_come_again(reentry, before.get(contact), now_ms)]
    groups = Groups(tx)
    if said:
        refused = set(outside).difference(welcome)
        groups.turn_away(Turned(contact, program.journey_id, AGAIN) for contact in sorted(refused))
    if groups.concern(program.journey_id):
        welcome = [contact for contact in welcome if _has_room(groups, program, contact, inside.get(contact, {}))]
    groups.write(now_ms)
    stays = [_Stay(None, program, contact, index, program.version_id, event_id=events[contact]) for contact in welcome]
    entering.enter(tx, [_row(program, stay, now_ms) for stay in stays])
    return len(welcome)


def _has_room(groups: Groups, program: Program, contact: int, inside: Mapping[int, tuple[int, int]]) -> bool:
    versions = {journey: version for journey, (_, version) in inside.items()}
    giving = groups.ask(contact, program.journey_id, program.version_id, versions)
    groups.give_way(inside[journey][0] for journey in giving or ())
    return giving is not None


def enroll(tx: Tx, shelf: ProgramShelf, journey: str, contacts: Sequence[int], now_ms: int) -> int:
    """Let contacts into a journey by hand or by the API; returns how many came in. Raises `NoSuchJourney`."""
    shelf.refresh(tx)
    program = shelf.live(journey)
    if program:
        for index, entry in program.entries:
            if isinstance(entry, OnCall):
                return admit(tx, program, index, entry.reentry, [(contact, None) for contact in contacts], now_ms)
    raise NoSuchJourney(NoSuchJourney.__doc__)
