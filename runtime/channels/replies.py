"""What a mail server's answer means, in our words: one table for every code (RFC 5321 4.2, RFC 3463)."""

from __future__ import annotations

import re

from .channel import Delivered, Outcome, Refused, TryLater

ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
SOFT_WORDS = re.compile(
    r"spam|policy|block|reject(ed)? (for|due)|reputation|blacklist|denied|quota|full|too (large|big)|auth|dmarc|spf",
    re.I,
)
GONE_WORDS = re.compile(
    r"user unknown|unknown (user|recipient|mailbox)|no such (user|recipient|mailbox|person)|does ?n[o']t exist|"
    r"(user|mailbox|recipient|address) (is )?(not found|unavailable|invalid|inactive|disabled)|"
    r"invalid (recipient|mailbox|address)|no mailbox|not a (valid|known) (user|mailbox)",
    re.I,
)
# Enhanced codes that say the address itself is wrong. Others of 5.x.x (full, policy, spam) say nothing of the sort.
GONE_CODES = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}

FULL_CODES = {"4.2.2", "5.2.2"}
FULL_WORDS = re.compile(r"quota|(mailbox|inbox|account) (is )?(full|over)|insufficient (storage|space)", re.I)


def is_full(text: str) -> bool:
    """Whether the mailbox has no room: it says something of the address, unlike a filter or a policy."""
    enhanced = ENHANCED.search(text)
    return enhanced[1] in FULL_CODES if enhanced else bool(FULL_WORDS.search(text))


def outcome_of(code: int, text: str) -> Outcome:
    """Delivered, later, or refused, and whether the address is gone for good."""
    text = " ".join(text.split())[:500]
    if 200 <= code < 300:
        return Delivered(code, text)
    if 500 <= code < 600:
        return Refused(code, text, hard=_gone(code, text))
    return TryLater(code, text)


def _gone(code: int, text: str) -> bool:
    enhanced = ENHANCED.search(text)
    if enhanced:
        return enhanced[1] in GONE_CODES
    return code in (550, 551, 553) and bool(GONE_WORDS.search(text)) and not SOFT_WORDS.search(text)
