"""Messages come in: checked one by one, stored, and answered by the journeys, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..storage import events, people
from ..storage.columns import dump
from ..storage.database import Database, Tx
from . import addresses, entries
from .clock import Clock
from .entries import Happened
from .envelope import Message, Refused, check, printable, sample
from .identity import Claim, People
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
    react: React = entries.react,
) -> Receipt:
    """Take in messages as an SDK sends them; returns when they are committed.

    ``source`` names the key they came with, ``sent_at`` is the batch's own ``sentAt``. With ``history`` the times
    are kept as they are and no journey starts.
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
        stored, due, notes = await db.awrite(
            lambda tx, part=part, refusals=refusals: _store(
                tx, shelf, part, refusals, source, received_ms, clock, history, react
            ),
            durable=True,
        )
        refusals = []
        receipt.stored += stored
        receipt.duplicates += len(part) - stored
        receipt.due += due
        receipt.notes += notes
    return receipt


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
) -> tuple[int, int, list[Rejected]]:
    notes: list[Rejected] = []
    new = _not_yet_known(tx, messages)
    crowd = People(tx, clock.now_ms())
    claims = [_claim(message) for message in new]
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
    happened: list[Happened] = []
    rows = []
    for event, message, person in zip(people.fresh_ids(tx, "events", len(new)), new, persons, strict=True):
        contact = person.root().id
        fresh = not history and received_ms - message.at_ms < FRESH_MS
        happened.append(Happened(event, contact, message.name, message.at_ms, message.properties, fresh))
        rows.append((event, contact, message.name, message.at_ms, now_ms, message.key, dump(message.properties)))
    stored = events.add_events(tx, rows)
    events.add_rejections(
        tx, [(received_ms, source, r.message_id[:200], r.reason, r.sample) for r in (*refusals, *notes)]
    )
    due = react(tx, shelf, [one for one in happened if one.event_id in stored], now_ms) if stored else 0
    return len(stored), due, notes


def _not_yet_known(tx: Tx, messages: Sequence[Message]) -> list[Message]:
    """Without those stored before and those that come twice in the request; without a messageId all are new."""
    seen = events.known_keys(tx, [message.key for message in messages if message.key])
    new = []
    for message in messages:
        if message.key is None:
            new.append(message)
        elif message.key not in seen:
            seen.add(message.key)
            new.append(message)
    return new


def _claim(message: Message) -> Claim:
    address = message.traits.get("email")
    email = None
    if address:
        with suppress(addresses.NotAnAddress):  # `People.set` says so
            email = addresses.email(address)
    return Claim(message.user, message.anonymous, email, message.previous)
