"""Words that people give to things: plain text, and nothing a browser or a terminal could take for orders."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[A-Za-z/!?]")
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def fault(text: str, lines: bool = False) -> str | None:
    """What is not plain about a text, said without its subject; None where all is. ``lines`` may break."""
    if _ORDERS.search(text) or (not lines and ("\n" in text or "\t" in text)):
        return "holds characters that cannot be seen; type it again without them"
    if found := _TAG.search(text):
        part = text[found.start() : found.start() + 12]
        return f"holds what looks like HTML (“{part}”); write it without “<”"
    return None
