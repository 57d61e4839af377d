"""What a message came to, as the step that sent it is told; and how one form of it takes over from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SENT, FAILED, SKIPPED = "sent", "failed", "skipped"
CAPPED = "capped"
BY_CAP = {CAPPED: "go_on", "other_way": "failed", "leave": "leave"}  # what the rule that was hit asks for
UNOPENED = "unopened"
CAUSES = (FAILED, "blocked", "no_address", "no_consent", CAPPED, "expired", UNOPENED)
USUAL_CAUSES = frozenset(CAUSES) - {CAPPED, "expired", UNOPENED}
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Fallback:
    """What the owner's policy says about trying another channel.

    ``order`` names, by the channel a message was meant for, those to try after it. ``when`` are `CAUSES`. A message
    counts as unopened so long after it was sent.
    """

    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    when: frozenset[str] = USUAL_CAUSES
    unopened_after_ms: int = DAY_MS


@dataclass(frozen=True, slots=True)
class Try:
    """One form of a message that a step has queued: its place among the forms, and what is known of it."""

    turn: int
    sent_ms: int | None = None
    opened: bool = False


def read_outcome(text: str) -> tuple[str, int]:
    """The word, and the turn it is about.

    The words are sent, failed and skipped, and finer ones for skipped: capped (other_way and leave where the rule
    that was hit asks for that), no_address, no_consent, blocked and expired.
    """
    word, _, turn = text.partition(":")
    return word, int(turn or 0)


def cause_of(word: str) -> str:
    """One of `CAUSES` for an outcome that is not sent, or the word itself."""
    return CAPPED if word in BY_CAP else word
