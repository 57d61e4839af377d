"""Messages come in: checked one by one, stored, and answered by the journeys, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..storage import events, people
from ..storage.columns import dump
from ..storage.database import Database, Tx
from . import consent_words, devices, entries, setbacks
from .clock import Clock
from .contracts import door
from .entries import Happened
from .envelope import Message, Refused, check, printable, sample
from .identity import People, Person
from .program import ProgramShelf

TOGETHER = 1_000  # messages in one transaction, so that nobody else waits long at the write door
FRESH_MS = 7 * 86_400_000  # older events are stored, but start no journey: they are somebody's history

React = Callable[[Tx, ProgramShelf, Sequence[Happened], int], int]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that was refused: its position in the request, its messageId and a sentence."""

    index: int
    message_id: str
    reason: str
    sample: str = ""


@dataclass(slots=True)
class Receipt:
    """What became of a request. ``notes`` are about parts left out of messages that were kept.

    ``due`` is how many contacts the engine should look at now.
    """

    stored: int = 0
    duplicates: int = 0
    due: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Rejected] = field(default_factory=list)


async def accept(
    db: Database,
    shelf: ProgramShelf,
    clock: Clock,
    messages: Sequence[Any],
    source: str,
    *,
    sent_at: Any = None,
    history: bool = False,
    overrules: bool = True,
    react: React = entries.react,
) -> Receipt:
    """Take in messages as an SDK sends them; returns when they are committed.

    ``source`` names the key they came with, ``sent_at`` is the batch's own ``sentAt``. With ``history`` the times
    are kept as they are and no journey starts. ``overrules``: a yes they tell undoes a no that was said before.
    """
    receipt = Receipt()
    received_ms = clock.now_ms()
    good: list[Message] = []
    for index, raw in enumerate(messages):
        try:
            good.append(check(raw, index, received_ms, sent_at, history))
        except Refused as refused:
            message_id = raw.get("messageId") if isinstance(raw, dict) else None
            receipt.rejected.append(Rejected(index, printable(message_id), str(refused), sample(raw)))
    refusals = list(receipt.rejected)
    for start in range(0, max(len(good), 1), TOGETHER):
        part = good[start : start + TOGETHER]
        if not part and not refusals:
            break
        done = await db.awrite(
            lambda tx, part=part, refusals=refusals: _store(
                tx, shelf, part, refusals, source, received_ms, clock, history, react, overrules
            ),
            durable=True,
        )
        refusals = []
        receipt.stored += done.stored
        receipt.duplicates += len(part) - done.stored - len(done.rejected)
        receipt.due += done.due
        receipt.rejected += done.rejected
        receipt.notes += done.notes
    receipt.rejected.sort(key=lambda one: one.index)
    return receipt


def take_in_history(tx: Tx, shelf: ProgramShelf, messages: Sequence[Message], source: str, clock: Clock) -> Receipt:
    """Store events of the past from a file, inside its transaction: they start nothing, and the file's own run lists
    what was refused."""
    now_ms = clock.now_ms()
    return _store(tx, shelf, messages, (), source, now_ms, clock, True, entries.react, False, listed=False)


def _store(
    tx: Tx,
    shelf: ProgramShelf,
    messages: Sequence[Message],
    refusals: Sequence[Rejected],
    source: str,
    received_ms: int,
    clock: Clock,
    history: bool,
    react: React,
    overrules: bool,
    listed: bool = True,
) -> Receipt:
    unknown, again = _not_yet_known(tx, messages)
    rules = door.rules(tx, shelf)
    judged = rules.judge(unknown)
    new = judged.good
    rejected = [_of(broken) for broken in judged.broken if broken.refused]
    notes: list[Rejected] = []
    crowd = People(tx, clock.now_ms(), source)
    claims = [crowd.claim(m.user, m.anonymous, m.traits, m.previous, m.others) for m in new]
    crowd.find(claims)
    # From here on the engine is kept away from these contacts, so what is stored now came after what it has done:
    # a wait that began while the request stood at the door hears the event.
    now_ms = clock.now_ms()
    persons = []
    for message, claim in zip(new, claims, strict=True):
        person = crowd.who(claim)
        persons.append(person)
        if message.traits:
            for note in crowd.set(person, message.traits):
                notes.append(Rejected(message.index, message.message_id, note, sample(message.traits)))
    crowd.save()
    notes += _consents(tx, new, persons, source, now_ms, overrules and not history)
    if not history:
        told_by = [(p.root().id, m) for m, p in zip(new, persons, strict=True) if m.device is not None]
        devices.told(tx, told_by, overrules, now_ms)
    happened: list[Happened] = []
    rows = []
    for event, message, person in zip(people.fresh_ids(tx, "events", len(new)), new, persons, strict=True):
        contact = person.root().id
        fresh = not history and received_ms - message.at_ms < FRESH_MS
        happened.append(Happened(event, contact, message.name, message.at_ms, message.properties, fresh))
        rows.append((event, contact, message.name, message.at_ms, now_ms, message.key, dump(message.properties)))
    stored = events.add_events(tx, rows)
    if listed:
        said = (*refusals, *rejected, *notes)
        events.add_rejections(tx, [(received_ms, source, r.message_id[:200], r.reason, r.sample) for r in said])
    door.note(tx, judged, again, now_ms)
    told = [one for one in happened if one.event_id in stored]
    rules.tell(tx, (one for one in told if one.fresh), now_ms)
    setbacks.heard(tx, told)
    due = react(tx, shelf, told, now_ms) if stored else 0
    notes += [_of(broken) for broken in judged.broken if not broken.refused]
    return Receipt(len(stored), 0, due, rejected, notes)


def _consents(
    tx: Tx, new: Sequence[Message], persons: Sequence[Person], source: str, now_ms: int, overrules: bool
) -> list[Rejected]:
    """Write what the messages say of consent; sentences about what of it does not stand now."""
    about = [(m, p, m.said) for m, p in zip(new, persons, strict=True) if m.said is not None]
    notes = [Rejected(m.index, m.message_id, note) for m, _, said in about for note in said.notes]
    rows = [(person.root().id, said, message.at_ms) for message, person, said in about]
    for at in consent_words.write(tx, rows, source, now_ms, overrules):
        notes.append(Rejected(about[at][0].index, about[at][0].message_id, consent_words.NOT_FOLLOWED))
    return notes


def _of(broken: door.Broken) -> Rejected:
    message = broken.message
    return Rejected(message.index, message.message_id, broken.reason, sample(message.properties))


def _not_yet_known(tx: Tx, messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """The new ones; and those stored before or twice in the request. Without a messageId all are new."""
    seen = events.known_keys(tx, [message.key for message in messages if message.key])
    new, again = [], []
    for message in messages:
        if message.key is None:
            new.append(message)
        elif message.key not in seen:
            seen.add(message.key)
            new.append(message)
        else:
            again.append(message)
    return new, again
