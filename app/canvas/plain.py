"""Words that people give to things: plain text, and nothing a browser or a terminal could take for orders."""

from __future__ import annotations

import re

from .intents import Refused

_TAG = re.compile(r"<[A-Za-z/!?]")
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(what: str, text: str, before: object = None, lines: bool = False) -> str:
    """The text, if it is plain or was there ``before``. Raises `Refused`. ``what`` begins the sentence."""
    if text == before:
        return text
    if _ORDERS.search(text) or (not lines and ("\n" in text or "\t" in text)):
        raise Refused(f"{what} holds characters that cannot be seen; type it again without them.")
    if found := _TAG.search(text):
        part = text[found.start() : found.start() + 12]
        raise Refused(f"{what} holds what looks like HTML (“{part}”); write it without “<”.")
    return text
