"""What carriers tell us by themselves: each thing once, about the right message, however early or often it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..storage import callbacks, people, receipts
from ..storage.database import Database, Tx
from . import addresses
from .bounces.intake import is_ours
from .bounces.parsing import OUR_ID
from .channels.channel import Signal, media
from .clock import Clock
from .program import ProgramShelf
from .told import Told, conclude

TOGETHER = 500  # in one transaction
WAIT_MS = 24 * 3_600_000  # so long a receipt waits for the message it is about
OF_MESSAGES = frozenset({"delivered", "failed", "bounced", "complained", "opened", "clicked"})
NAMES_SOMEBODY = re.compile(r"\S+@\S+|\+?\d[\d\s().-]{5,}\d")
AHEAD_MS = 300_000  # a carrier's clock may be so far ahead of ours


@dataclass(frozen=True, slots=True)
class Source:
    """The account a carrier speaks to."""

    account_id: int
    account: str
    medium: str


async def take(db: Database, shelf: ProgramShelf, clock: Clock, source: Source, signals: Sequence[Signal]) -> int:
    """Take in what a carrier told; returns, once it is committed, how many people are due now."""
    due = 0
    for start in range(0, len(signals), TOGETHER):
        some = signals[start : start + TOGETHER]
        due += await db.awrite(lambda tx, some=some: apply(tx, shelf, source, some, clock.now_ms()), durable=True)
    return due


def apply(tx: Tx, shelf: ProgramShelf, source: Source, signals: Sequence[Signal], now_ms: int) -> int:
    """Write down what follows from each thing that was not told before; returns how many people are due now."""
    new = callbacks.fresh(tx, source.account_id, [one.key for one in signals], now_ms)
    first = {one.key: one for one in reversed(signals) if one.key in new}
    if not first:
        return 0
    fresh = [one for one in signals if first.get(one.key) is one]
    told = _found(tx, source, fresh, now_ms)
    if tx.postgres and (contacts := sorted({contact for one in told for contact in one.contacts})):
        people.locked(tx, contacts)
        told = _found(tx, source, fresh, now_ms)  # who was merged while we waited for the lock
    early = [one.signal for one in told if one.about is None and _waits(one)]
    callbacks.wait(tx, source.account_id, [(one.key, one.reference, _kept(one)) for one in early])
    waiting = {one.key for one in early}
    return conclude(tx, shelf, source.account, [one for one in told if one.signal.key not in waiting], now_ms)


def meet(tx: Tx, shelf: ProgramShelf, now_ms: int) -> int:
    """Take up what came before its message was known by the carrier's name for it; returns how many are due now."""
    rows = callbacks.early(tx, TOGETHER)
    about = receipts.by_id(tx, [message for _, message, *_ in rows])
    callbacks.met(tx, [digest for digest, *_ in rows])
    told = [
        Told(_again(kept, reference), about[message], (about[message].contact_id,), kept.get("at") or at)
        for _, message, reference, kept, at in rows
        if message in about
    ]
    return conclude(tx, shelf, "", told, now_ms)


def _found(tx: Tx, source: Source, signals: Sequence[Signal], now_ms: int) -> list[Told]:
    """Each with its message, or else with everybody who is reached by the address it names."""
    known = receipts.by_reference(tx, source.account, list({one.reference for one in signals if one.reference}))
    known |= _by_message_id(tx, [one for one in signals if one.reference not in known])
    column = {"email": "email", "phone": "phone"}.get(
        media()[source.medium].address if source.medium in media() else ""
    )
    spelled = {one.key: _spelled(column, one.address) for one in signals if one.address}
    whose = receipts.whose(tx, column, list(set(spelled.values()))) if column and spelled else {}
    told = []
    for one in signals:
        at_ms = now_ms if one.at_ms is None or one.at_ms > now_ms + AHEAD_MS else one.at_ms
        about = known.get(one.reference)
        address = spelled.get(one.key, "")
        contacts = [about.contact_id] if about else whose.get(address, [])
        if about is None and contacts and not one.reference:
            about = receipts.last_sent(tx, contacts, source.medium, now_ms)
        told.append(Told(one, about, tuple(contacts), at_ms, address, source.medium))
    return told


def _by_message_id(tx: Tx, signals: Sequence[Signal]) -> dict[str, receipts.About]:
    """Letters by the Message-ID we gave them: it shows itself that it is ours."""
    numbers = {one.reference: int(found[1]) for one in signals if (found := OUR_ID.match(one.reference))}
    about = receipts.by_id(tx, sorted(set(numbers.values()))) if numbers else {}
    known = {}
    for one in signals:
        of = about.get(numbers.get(one.reference, 0))
        spelled = (_spelled("email", one.address), (of.email or "").lower() if of else "")
        if of and any(is_ours(one.reference, of.message_id, address) for address in spelled if address):
            known[one.reference] = of
    return known


def _waits(one: Told) -> bool:
    """Whether it is about a message we cannot name yet; a complaint that names somebody does not wait."""
    wanted = bool(one.signal.reference) and one.signal.kind in OF_MESSAGES
    return wanted and not (one.signal.kind == "complained" and one.contacts)


def _kept(one: Signal) -> dict[str, Any]:
    """What is kept of it meanwhile: nothing in it names anybody."""
    said = NAMES_SOMEBODY.sub("(address)", one.text)[:300]
    return {"kind": one.kind, "text": said, "code": one.code, "hard": one.hard, "at": one.at_ms, "cost": one.cost}


def _again(kept: Mapping[str, Any], reference: str) -> Signal:
    return Signal(
        kept["kind"], "", reference, "", kept["text"], kept["code"], kept["hard"], kept["at"], "", kept["cost"]
    )


def _spelled(column: str | None, address: str) -> str:
    """As we keep addresses; as it was told where it is none."""
    if column == "email":
        return address.strip().lower()
    return (addresses.phone(address) if column == "phone" else None) or address.strip()
