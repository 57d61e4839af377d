"""May this message be handed over now? One order of questions, the same for every channel; pure over the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ...storage.consents import DENIED, GRANTED, TOPIC, WITHDRAWN
from ...storage.handover import Facts
from ...storage.suppressions import ERASED
from .hygiene import Silence

PAUSE_MS = 60_000  # how long a message of a journey on pause is left alone
PATIENCE_MS = 72 * 3_600_000  # after being queued, a message waits no longer than this for a contact to want it
MEDIA = {"email": "e-mail", "sms": "text message"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version is sent under: fixed with its content, and so by its approval.

    ``transactional``: owed to the contact, whatever they said to marketing. ``intact``: the content still has the
    hash it is filed under. ``calls_back``: it is made for people who have not been seen for long.
    """

    transactional: bool
    topic: str
    intact: bool
    calls_back: bool = False

    @classmethod
    def of(cls, content: Mapping[str, Any], intact: bool) -> Terms:
        """From the content of a version."""
        kind = content.get("message_type")
        return cls(kind == "transactional", content.get("topic") or TOPIC, intact, kind == "reengagement")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer: go, defer or skip, why, and what it knew. ``until_ms``: deferred until then, if known."""

    answer: str
    reason: str
    inputs: dict[str, Any] = field(default_factory=dict)
    until_ms: int | None = None

    @property
    def go(self) -> bool:
        """True when the message may be handed over."""
        return self.answer == "go"


def decide(facts: Sequence[Facts], terms: Sequence[Terms], now_ms: int, silence: Silence) -> list[Verdict]:
    """Answer for every message. The columns are aligned; ``silence`` is the owner's rule about people long not seen."""
    return [_one(of, under, now_ms, silence) for of, under in zip(facts, terms, strict=True)]


def _one(of: Facts, under: Terms, now_ms: int, silence: Silence) -> Verdict:
    word = of.consents.get(under.topic)
    inputs = {
        "address": bool(of.address),
        "suppressed": of.suppressed,
        "consent": word or "unknown",
        "topic": under.topic,
        "type": "transactional" if under.transactional else "marketing",
        "legal_basis": of.legal_basis or ("contract" if under.transactional else "consent"),
        "paused_until": of.paused_until,
        "enough_until": of.full_until,
        "seen": of.seen_at,
        "journey": of.journey_status,
        "in_journey": of.in_journey,
        "version": of.version_id,
        "content_hash": of.content_hash,
    }

    def answer(word: str, reason: str, until_ms: int | None = None) -> Verdict:
        return Verdict(word, reason, inputs, until_ms)

    if of.erased:
        return answer("skip", "The contact was erased.")
    if not of.address:
        return answer("skip", "The contact has no address for this channel.")
    if of.suppressed is not None and not (of.suppressed == ERASED and under.transactional):
        return answer("skip", f"The address is suppressed: {of.suppressed}")
    if word != GRANTED and not under.transactional:
        return answer("skip", _refusal(word, under.topic, of.channel))
    if not under.transactional:
        if silent := silence.refuses(of.seen_at, under.calls_back, now_ms):
            return answer("skip", silent)
        for until_ms, what in (
            (of.paused_until, "The contact asked for a pause"),
            (of.full_until, "The contact has had as many letters this week as they asked for"),
        ):
            if until_ms is not None and until_ms > now_ms:
                if until_ms > of.queued_at + PATIENCE_MS:
                    return answer("skip", f"{what}, until {_day(until_ms)}: longer than this message may wait.")
                return answer("defer", f"{what}, until {_day(until_ms)}.", until_ms)
    if of.journey_status == "paused":
        return answer("defer", "The journey is paused.")
    if not of.in_journey:
        return answer("skip", "The contact left the journey.")
    if of.content_hash is None or of.approved_hash != of.content_hash:
        return answer("skip", "This version of the journey is not approved.")
    if not under.intact:
        return answer("skip", "The content of this version is not the content that was approved.")
    return answer("go", "Nothing stands against it.")


def _refusal(word: str | None, topic: str, channel: str) -> str:
    about = f"“{topic}” by {MEDIA.get(channel, channel)}"
    if word == WITHDRAWN:
        return f"The contact has unsubscribed from {about}."
    if word == DENIED:
        return f"The contact said no to {about}."
    return f"It is not known that the contact agreed to {about}, and what is not known is not taken for a yes."


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
