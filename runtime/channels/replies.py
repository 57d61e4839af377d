"""What a mail server's answer means for a letter just handed over (RFC 5321 4.2), by the house's one table."""

from __future__ import annotations

import re

from ..bounces.words import FULL, enhanced_in, is_hard, word_of
from .channel import Delivered, Outcome, Refused, TryLater

GREYLIST = re.compile(r"gr[ae]y-?list|greylist|try again (?:in|after) \d+|first time|postgrey", re.I)
SLOWER = re.compile(
    r"\brates?\b|rate-?limit|throttl|too (?:many|much|fast|quickly)|unusual|slow(?:er|ly| down)?\b|deferred due to|"
    r"temporarily deferred|temporarily rate|limit(?:ed)? exceeded|exceeded .{0,30}(?:limit|rate)|too busy|volume|"
    r"concurren|reputation",
    re.I,
)
SYSTEM = re.compile(r"\b4\.3\.\d\b")  # of their machine, not of the mailbox (RFC 3463 3.4)


def is_full(text: str) -> bool:
    """Whether the mailbox has no room: it says something of the address, unlike a filter or a policy."""
    return word_of(enhanced_in(text), text) == FULL and not SYSTEM.search(text)


def outcome_of(code: int, text: str) -> Outcome:
    """Delivered, later, or refused, and whether the address is gone for good."""
    text = " ".join(text.split())[:500]
    if 200 <= code < 300:
        return Delivered(code, text)
    if 500 <= code < 600:
        enhanced = enhanced_in(text)
        return Refused(code, text, hard=is_hard(word_of(enhanced, text), enhanced, code))
    return TryLater(code, text, kind=kind_of(code, text))


def kind_of(code: int, text: str) -> str:
    """What a "later" meant: we are too fast for them (slow), they want to see us come again (greylist), there is no
    room in the mailbox (full), or anything else (busy)."""
    if GREYLIST.search(text):
        return "greylist"
    if is_full(text):
        return "full"
    if SYSTEM.search(text):
        return "busy"
    enhanced = enhanced_in(text)
    if code == 421 or SLOWER.search(text) or (enhanced.startswith("4.7.") and enhanced != "4.7.1"):
        return "slow"
    return "greylist" if enhanced == "4.7.1" else "busy"
