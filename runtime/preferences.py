"""What people set for themselves: topics and channels, how often, a pause, nothing at all, and their own data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..storage import consents, receipts, requests, setbacks, topics, wishes
from ..storage.consents import GRANTED, WITHDRAWN
from ..storage.database import Tx
from ..storage.setbacks import UNSUBSCRIBE, Noted
from ..storage.topics import Topic
from .occurrences import occur
from .program import ProgramShelf

SOURCE = "preferences"
PER_WEEK = (1, 2, 3, 7)  # letters a week somebody may choose; None is as they come
PAUSES = (1, 2, 4, 8, 12)  # weeks
WEEK_MS = 7 * 86_400_000
CHANGED, LEFT = "preferences_changed", "unsubscribed"
COMPLAINT = "complaint"  # the source of what was withdrawn because somebody complained


@dataclass(frozen=True, slots=True)
class Line:
    """A topic with the channels it comes by, each with what the contact said last (None: nothing)."""

    topic: Topic
    channels: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything a contact sees of themselves in the preference centre."""

    contact_id: int
    address: str  # what the page says whose it is: e-mail, else number
    language: str  # their own wish, or what is known of them; "" when nothing is
    lines: tuple[Line, ...]
    per_week: int | None
    paused_until: int | None
    open_requests: frozenset[str]
    audience: str  # b2b or b2c: which of the two pages they see
    untracked: bool = False  # what they open and follow is not noticed


@dataclass(frozen=True, slots=True)
class Proof:
    """Where and how something was said on a page."""

    message_id: int
    language: str
    ip: str
    agent: str
    wording: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)  # what else proves it

    def fields(self) -> dict[str, Any]:
        """As `storage.consents` takes them."""
        evidence = {**self.more, **({"message": self.message_id} if self.message_id else {})}
        given = {"language": self.language, "ip": self.ip, "agent": self.agent, "wording": self.wording}
        return {**given, "evidence": evidence}


def view(tx: Tx, contact_id: int, audience: str, now_ms: int) -> Centre | None:
    """The preference centre of a contact; None when they are gone.

    ``audience`` is b2b or b2c, and holds unless the contact has a property of that name.
    """
    row = wishes.person(tx, contact_id)
    if row is None:
        return None
    contact_id, email, phone, properties = row
    audience = properties["audience"] if properties.get("audience") in ("b2b", "b2c") else audience
    known, wish = consents.states(tx, contact_id), wishes.of(tx, contact_id)
    reached = {"email": email, "sms": phone}
    lines = []
    for topic in topics.catalogue(tx):
        channels = tuple(
            (channel, known.get((channel, topic.name)))
            for channel in topic.channels
            if reached.get(channel, True) or (channel, topic.name) in known
        )
        if channels and topic.audience in ("", audience):
            lines.append(Line(topic, channels))
    paused = wish.paused_until if wish.paused_until and wish.paused_until > now_ms else None
    language = wish.language or str(properties.get("language") or "")
    asked = frozenset(requests.open_kinds(tx, contact_id))
    return Centre(
        contact_id, email or phone or "", language, tuple(lines), wish.per_week, paused, asked, audience,
        bool(wish.untracked),
    )  # fmt: skip


def choose(
    tx: Tx,
    shelf: ProgramShelf,
    contact_id: int,
    wanted: Mapping[tuple[str, str], bool],
    per_week: int | None,
    proof: Proof,
    now_ms: int,
) -> int:
    """Keep what was ticked and how often; returns how many entries the ledger has more.

    Unticking what was never agreed to says nothing: what is not known stays not known.
    """
    person = consents.hold(tx, contact_id)
    if person is None:
        return 0
    known, said = consents.states(tx, person), []
    for about, ticked in wanted.items():
        if ticked and known.get(about) != GRANTED:
            said.append((GRANTED, about))
        elif not ticked and known.get(about) == GRANTED:
            said.append((WITHDRAWN, about))
    entries = [
        consents.Said(person, channel, action, SOURCE, topic, **proof.fields()) for action, (channel, topic) in said
    ]
    consents.append(tx, entries, now_ms)
    wish = wishes.of(tx, person)
    changed = wish.per_week != per_week
    if changed or wish.language != proof.language:
        wishes.keep(tx, wish.model_copy(update={"per_week": per_week, "language": proof.language}), now_ms)
    if any(action == WITHDRAWN for action, _ in said):
        _turned_away(tx, person, proof, now_ms)
    if said or changed:
        names = {action: [f"{c}.{t}" for done, (c, t) in said if done == action] for action in (GRANTED, WITHDRAWN)}
        occur(tx, shelf, [(person, CHANGED, {**names, "per_week": per_week})], now_ms)
    return len(entries)


def pause(tx: Tx, shelf: ProgramShelf, contact_id: int, weeks: int, now_ms: int) -> int | None:
    """Send them nothing but what they are owed for so many weeks (0: from now on again); returns until when."""
    person = consents.hold(tx, contact_id)
    if person is None:
        return None
    until = now_ms + weeks * WEEK_MS if weeks else None
    wishes.keep(tx, wishes.of(tx, person).model_copy(update={"paused_until": until}), now_ms)
    occur(tx, shelf, [(person, CHANGED, {"paused_until": until, "paused_weeks": weeks})], now_ms)
    return until


def measure(tx: Tx, shelf: ProgramShelf, contact_id: int, allowed: bool, proof: Proof, now_ms: int) -> bool:
    """Notice what they open and follow, or do not; returns whether that is new. Why and how stands in an event."""
    person = consents.hold(tx, contact_id)
    if person is None:
        return False
    wish = wishes.of(tx, person)
    if bool(wish.untracked) == (not allowed):
        return False
    wishes.keep(tx, wish.model_copy(update={"untracked": int(not allowed)}), now_ms)
    said = {"tracking": allowed, **{key: value for key, value in proof.fields().items() if value and key != "ip"}}
    occur(tx, shelf, [(person, CHANGED, said)], now_ms)
    return True


def leave(tx: Tx, shelf: ProgramShelf, contact_id: int, channel: str, source: str, proof: Proof, now_ms: int) -> int:
    """Withdraw from everything on a channel ("" is every one): what was agreed to, and what could be asked for now.

    Returns how many entries the ledger has more; saying it twice is fine.
    """
    person = consents.hold(tx, contact_id)
    if person is None:
        return 0
    known = consents.states(tx, person)
    about = [(one, topic.name) for topic in topics.catalogue(tx) for one in topic.channels]
    every = [pair for pair in dict.fromkeys([*about, *known]) if channel in ("", pair[0])]
    entries = [consents.Said(person, one, WITHDRAWN, source, topic, **proof.fields()) for one, topic in every]
    new = consents.append(tx, entries, now_ms)
    if new:
        if source != COMPLAINT:  # that is counted as one
            _turned_away(tx, person, proof, now_ms)
        occur(tx, shelf, [(person, LEFT, {"channel": channel, "topics": [one.topic for one in new]})], now_ms)
    return len(new)


def request(tx: Tx, contact_id: int, kind: str, language: str, now_ms: int) -> bool:
    """Write down that they want a file of their data, or that it goes; somebody here answers."""
    person = consents.hold(tx, contact_id)
    return person is not None and requests.ask(tx, kind, person, SOURCE, language, now_ms)


def _turned_away(tx: Tx, person: int, proof: Proof, now_ms: int) -> None:
    """Remember which message they answered so: a journey that drives people away brakes by it."""
    about = receipts.by_id(tx, [proof.message_id]).get(proof.message_id) if proof.message_id else None
    if about is not None:
        words = "They unsubscribed by way of a message."
        noted = Noted(person, UNSUBSCRIBE, about.channel, now_ms, about.message_id, about.journey_id, words)
        setbacks.note(tx, [noted])
