"""What a mail server's answer means for a letter just handed over (RFC 5321 4.2), by the house's one table."""

from __future__ import annotations

from ..bounces.words import FULL, enhanced_in, is_hard, word_of
from .channel import Delivered, Outcome, Refused, TryLater


def is_full(text: str) -> bool:
    """Whether the mailbox has no room: it says something of the address, unlike a filter or a policy."""
    return word_of(enhanced_in(text), text) == FULL


def outcome_of(code: int, text: str) -> Outcome:
    """Delivered, later, or refused, and whether the address is gone for good."""
    text = " ".join(text.split())[:500]
    if 200 <= code < 300:
        return Delivered(code, text)
    if 500 <= code < 600:
        enhanced = enhanced_in(text)
        return Refused(code, text, hard=is_hard(word_of(enhanced, text), enhanced, code))
    return TryLater(code, text)
