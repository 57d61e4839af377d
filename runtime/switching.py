"""What the step Switch to asks for: people leave other journeys and come into another one, all in the same moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..nodes.node import Entry, OnCall, OnEvent, OnSchedule
from ..nodes.step import HOUR_MS, Switch
from ..storage import ending, entering, journeys, turned_away
from ..storage.database import Tx
from ..storage.turned_away import CLOSED, ROUND, RULE, Turned
from .entries import admit
from .facts import profile_of
from .policy.in_force import current
from .policy.policy import CLASSES
from .policy.priority import rank_of
from .program import Program, ProgramShelf

SWITCHED = "switched"  # why a stay ended
HELD = "The contact was taken out of the journey by another one."
ROUND_MS = HOUR_MS  # nobody is brought into the same journey twice in this time: two journeys might throw them about

People = Sequence[tuple[int, int | None]]  # contacts, each with the event that brought them where they are


def carry_out(tx: Tx, shelf: ProgramShelf, own: int, switches: Iterable[tuple[Switch, People]], now_ms: int) -> None:
    """Carry out what the steps of the journey ``own`` asked for, in the transaction that holds these contacts."""
    for switch, people in switches:
        if switch.leave or switch.classes:
            _leave(tx, own, switch, [contact for contact, _ in people], now_ms)
        if switch.enter:
            _enter(tx, shelf, switch.enter, people, now_ms)


def _leave(tx: Tx, own: int, switch: Switch, contacts: Sequence[int], now_ms: int) -> None:
    named = set(journeys.ids(tx, switch.leave).values()) if switch.leave else set()
    classes = {CLASSES.index(name) for name in switch.classes if name in CLASSES}
    policy, ranks = current(tx), dict[int, int]()
    left = []
    for enrollment, journey, version, *_ in entering.inside(tx, contacts):
        if journey == own:
            continue
        if journey not in named and version not in ranks:
            found = journeys.frozen(tx, version) if classes else None
            ranks[version] = rank_of(found[1], policy)[0] if found else -1
        if journey in named or ranks[version] in classes:
            left.append(enrollment)
    ending.end(tx, left, SWITCHED, HELD, now_ms)


def _enter(tx: Tx, shelf: ProgramShelf, name: str, people: People, now_ms: int) -> None:
    shelf.refresh(tx)
    program = shelf.live(name)
    if program is None or not program.entries:
        known = journeys.ids(tx, [name])
        turned_away.note(tx, [Turned(contact, known[name], CLOSED) for contact, _ in people if known], now_ms)
        return
    index, entry = _way_in(program)
    before = entering.last_entries(tx, program.journey_id, [contact for contact, _ in people])
    turned = {contact: ROUND for contact, _ in people if now_ms - before.get(contact, now_ms - ROUND_MS) < ROUND_MS}
    rule = entry.rule if isinstance(entry, OnEvent | OnSchedule) else None
    if rule is not None:
        for contact, *row in entering.profiles(tx, [contact for contact, _ in people]):
            if not rule.meets_profile(profile_of(*row), now_ms):
                turned.setdefault(contact, RULE)
    turned_away.note(tx, [Turned(contact, program.journey_id, why) for contact, why in turned.items()], now_ms)
    welcome = [(contact, event) for contact, event in people if contact not in turned]
    admit(tx, program, index, entry.reentry, welcome, now_ms, said=True)


def _way_in(program: Program) -> tuple[int, Entry]:
    """The trigger people are sent in by: the one for that if there is one, else the first."""
    called = [(index, entry) for index, entry in program.entries if isinstance(entry, OnCall)]
    return (called or program.entries)[0]
