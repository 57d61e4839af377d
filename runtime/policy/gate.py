"""May this message be handed over now? One order of questions, the same for every channel; pure over the facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...storage.handover import Facts

PAUSE_MS = 60_000  # how long a message of a journey on pause is left alone
REFUSED = ("denied", "withdrawn")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer: go, defer or skip, why, and what it knew."""

    answer: str
    reason: str
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def go(self) -> bool:
        """True when the message may be handed over."""
        return self.answer == "go"


def decide(facts: Sequence[Facts], transactional: Sequence[bool], intact: Sequence[bool]) -> list[Verdict]:
    """Answer for every message. All columns are aligned.

    ``transactional``: the version's letters are owed to the contact, whatever they said to marketing.
    ``intact``: the version's content still has the hash it is filed under.
    """
    return [_one(*row) for row in zip(facts, transactional, intact, strict=True)]


def _one(of: Facts, transactional: bool, intact: bool) -> Verdict:
    inputs = {
        "address": bool(of.address),
        "suppressed": of.suppressed,
        "consent": of.consent or "unknown",
        "type": "transactional" if transactional else "marketing",
        "journey": of.journey_status,
        "in_journey": of.in_journey,
        "version": of.version_id,
        "content_hash": of.content_hash,
    }

    def answer(word: str, reason: str) -> Verdict:
        return Verdict(word, reason, inputs)

    if of.erased:
        return answer("skip", "The contact was erased.")
    if not of.address:
        return answer("skip", "The contact has no address for this channel.")
    if of.suppressed is not None:
        return answer("skip", f"The address is suppressed: {of.suppressed}")
    if of.consent in REFUSED and not transactional:
        return answer("skip", "The contact has unsubscribed.")
    if of.journey_status == "paused":
        return answer("defer", "The journey is paused.")
    if not of.in_journey:
        return answer("skip", "The contact left the journey.")
    if of.content_hash is None or of.approved_hash != of.content_hash:
        return answer("skip", "This version of the journey is not approved.")
    if not intact:
        return answer("skip", "The content of this version is not the content that was approved.")
    return answer("go", "Nothing stands against it.")
