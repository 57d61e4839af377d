"""What follows from what carriers tell us: receipts on messages, setbacks, consent, and events that journeys hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..storage import bounces, consents, messages, receipts, sender_stops, setbacks, suppressions, views
from ..storage.consents import GRANTED, TOPIC
from ..storage.database import Tx
from ..storage.messages import Result
from ..storage.receipts import About
from ..storage.setbacks import BOUNCE, COMPLAINT, NEGATIVE_REPLY, Noted
from . import preferences
from .angry_words import is_angry
from .channels.channel import Signal
from .deliverability import counting
from .occurrences import occur
from .policy import hygiene
from .policy.in_force import current
from .program import ProgramShelf

FAILED, COMPLAINED, REPLIED = "message_failed", "message_complained", "message_replied"
STOP_SOURCE = "stop by text"
STOPPED = "They wrote STOP."
LONGEST = 2_000  # characters of an answer
Events = list[tuple[int, str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a carrier told, with its message, else with everybody the address belongs to. ``at_ms``: when."""

    signal: Signal
    about: About | None
    contacts: tuple[int, ...]
    at_ms: int
    address: str = ""
    medium: str = ""

    @property
    def channel(self) -> str:
        """The channel it is about."""
        return self.about.channel if self.about else self.medium

    @property
    def reached_at(self) -> str:
        """The address it is about, as far as it is known."""
        if self.address or self.about is None:
            return self.address
        return {"email": self.about.email, "sms": self.about.phone}.get(self.about.channel) or ""

    def noted(self, kind: str, source: str) -> list[Noted]:
        """A setback with everybody it concerns."""
        message, journey = (self.about.message_id, self.about.journey_id) if self.about else (None, None)
        return [Noted(contact, kind, self.channel, self.at_ms, message, journey, source) for contact in self.contacts]

    def event(self, **more: Any) -> dict[str, Any]:
        """What an event about it says."""
        of = self.about
        known = {"channel": self.channel, "message": of and of.message_id, "journey": of and of.journey}
        return {key: value for key, value in {**known, **more}.items() if value is not None}


def conclude(tx: Tx, shelf: ProgramShelf, account: str, told: Sequence[Told], now_ms: int) -> int:
    """Draw every conclusion; returns how many people are due now."""
    by_kind: dict[str, list[Told]] = {}
    for one in told:
        by_kind.setdefault(one.signal.kind, []).append(one)
    receipts.paid(tx, [(one.signal.cost, one.about.message_id) for one in told if one.about and one.signal.cost])
    _arrived(tx, by_kind.get("delivered", ()), now_ms)
    _seen(tx, by_kind.get("opened", ()), by_kind.get("clicked", ()))
    events = _failed(tx, [*by_kind.get("failed", ()), *by_kind.get("bounced", ())], now_ms)
    events += _complained(tx, shelf, account, by_kind.get("complained", ()), now_ms)
    events += _replied(tx, by_kind.get("replied", ()))
    for one in by_kind.get("stopped", ()):
        _stopped(tx, shelf, account, one, now_ms)
    for one in by_kind.get("started", ()):
        _started(tx, account, one, now_ms)
    return occur(tx, shelf, events, now_ms)


# ── receipts ──────────────────────────────────────────────────────────────────────────────────────────


def _arrived(tx: Tx, told: Sequence[Told], now_ms: int) -> None:
    found = {one.about.message_id: one for one in told if one.about}
    if not found:
        return
    receipts.arrived(tx, [(one.at_ms, one.signal.cost, message) for message, one in found.items()])
    for channel in {one.channel for one in found.values()}:
        taken = [one.reached_at for one in found.values() if one.channel == channel and one.reached_at]
        bounces.taken(tx, taken, channel)
    sure = receipts.settled(tx, list(found))
    words = "The carrier's receipt says that it arrived."
    messages.decide(tx, [Result(message, "sent", words, {"receipt": "delivered"}) for message in sorted(sure)], now_ms)


def _failed(tx: Tx, told: Sequence[Told], now_ms: int) -> Events:
    events: Events = []
    results, said, came_back = [], [], []
    for one in told:
        if not one.contacts:
            continue  # an address nobody here has is none of ours to keep
        answer = one.signal.text.strip().rstrip(".") or "no reason was given"
        code = f" (code {one.signal.code})" if one.signal.code else ""
        reason = f"The carrier took it, and said later that it did not arrive: {answer}{code}."
        at = (one.reached_at, one.channel) if one.reached_at else None
        hard = one.signal.hard
        message = one.about.message_id if one.about else 0
        inputs = {"receipt": one.signal.kind, "code": one.signal.code, "hard": hard}
        counts = one.channel != "email" or one.signal.kind == "bounced"  # a filter's refusal says nothing of an address
        counted = at if counts and not hard else None
        result = Result(message, "failed", reason, inputs, suppress=at if hard else None, bounced=counted)
        hygiene.keep(tx, [result], now_ms)
        said += one.noted(BOUNCE, reason)
        if one.about and receipts.did_not_arrive(tx, message, reason):
            results.append(result)
            came_back.append((message, one.signal.text, hard))
            more = {"reason": answer, "code": one.signal.code or None, "hard": hard}
            events += [(contact, FAILED, one.event(**more)) for contact in one.contacts]
    messages.decide(tx, results, now_ms)
    counting.failed(tx, came_back, now_ms)
    setbacks.note(tx, said)
    return events


def _seen(tx: Tx, opened: Sequence[Told], clicked: Sequence[Told]) -> None:
    def rows(told: Sequence[Told]) -> list[tuple[int, int]]:
        return [(one.at_ms, one.about.message_id) for one in told if one.about]

    receipts.seen(tx, rows(opened), rows(clicked))


# ── what people say ───────────────────────────────────────────────────────────────────────────────────


def _complained(tx: Tx, shelf: ProgramShelf, account: str, told: Sequence[Told], now_ms: int) -> Events:
    events: Events = []
    counting.complained(tx, [one.about.message_id for one in told if one.about], now_ms)
    for one in told:
        setbacks.note(tx, one.noted(COMPLAINT, f"Their mailbox or carrier told {account or 'us'} of a complaint."))
        events += [(contact, COMPLAINED, one.event()) for contact in one.contacts]
        if one.channel == "email" and current(tx).behaviour.complaint_withdraws:
            for contact in one.contacts:
                proof = _proof(one, account)
                preferences.leave(tx, shelf, contact, "email", preferences.COMPLAINT, proof, now_ms)
    return events


def _replied(tx: Tx, told: Sequence[Told]) -> Events:
    events: Events = []
    for one in told:
        if not one.contacts:
            continue  # a number nobody here has
        who = one.about.contact_id if one.about else one.contacts[0]
        text = one.signal.text[:LONGEST]
        angry = is_angry(text, current(tx).behaviour.negative_words)
        if angry:
            setbacks.note(tx, one.noted(NEGATIVE_REPLY, "They answered that they want to be left alone."))
        events.append((who, REPLIED, one.event(text=text, negative=angry, answer=one.signal.answer or None)))
    return events


def _stopped(tx: Tx, shelf: ProgramShelf, account: str, one: Told, now_ms: int) -> None:
    """STOP to one sender holds for that sender; to us, it withdraws whatever was agreed to on the channel."""
    if one.signal.sender:
        if one.address:
            sender_stops.stop(tx, one.address, one.signal.sender, now_ms)
        return
    if not one.contacts and one.address:  # whoever gets this number here one day has said so already
        suppressions.suppress(tx, one.address, one.channel, STOPPED, now_ms)
    for contact in one.contacts:
        preferences.leave(tx, shelf, contact, one.channel, STOP_SOURCE, _proof(one, account), now_ms)


def _started(tx: Tx, account: str, one: Told, now_ms: int) -> None:
    """START takes back what STOP did; of somebody who never said a word it is a yes to what is sent without a topic."""
    if one.signal.sender:
        if one.address:
            sender_stops.start(tx, one.address, one.signal.sender)
        return
    if one.address:
        suppressions.lift(tx, one.address, one.channel, STOPPED)
    proof = _proof(one, account).fields()
    for contact in one.contacts:
        person = consents.hold(tx, contact)
        if person is None:
            continue
        spoken = {
            topic: source for channel, topic, _, source, _ in views.last_words(tx, person) if channel == one.channel
        }
        topics = [topic for topic, source in spoken.items() if source == STOP_SOURCE] or ([] if spoken else [TOPIC])
        consents.say_all(
            tx, person, GRANTED, [(one.channel, topic) for topic in topics], source="start by text", now_ms=now_ms,
            **proof,
        )  # fmt: skip


def _proof(one: Told, account: str) -> preferences.Proof:
    more = {"account": account, "text": one.signal.text[:300]}
    message = one.about.message_id if one.about else 0
    return preferences.Proof(message, "", "", "", more={key: value for key, value in more.items() if value})
