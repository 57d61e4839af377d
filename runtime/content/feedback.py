"""Feedback-ID and List-ID: by what mailbox providers tell us apart, in complaints and in people's filters."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256

WORD = re.compile(r"[^a-z0-9_.-]+")


@lru_cache(maxsize=512)
def feedback_id(letter: str, journey: str, kind: str, domain: str) -> str:
    """``letter:journey:type:sender``, as Gmail wants it: at most four words, the same for many letters, the last of
    them the sender's, 5 to 15 characters (support.google.com/a/answer/6254652)."""
    if not journey:
        return ""
    return ":".join([_word(letter), _word(journey), _word(kind), sender_id(domain)])


@lru_cache(maxsize=512)
def list_id(topic: str, domain: str) -> str:
    """The list a letter belongs to (RFC 2919): one for each topic, so that people may filter by it."""
    return f"<{_word(topic)[:60].strip('.-') or 'news'}.{domain}>" if topic and domain else ""


def sender_id(domain: str) -> str:
    """The same for all letters of a domain."""
    plain = re.sub(r"[^a-z0-9]", "", domain.lower())
    return plain if 5 <= len(plain) <= 15 else f"{plain[:7]}{sha256(domain.lower().encode()).hexdigest()[:8]}"


def _word(name: str) -> str:
    return WORD.sub("-", name.lower())[:60] or "none"
