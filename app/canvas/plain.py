"""The door for words that people give to things on a canvas."""

from __future__ import annotations

from ...runtime.plain_words import fault
from .intents import Refused


def plain(what: str, text: str, before: object = None, lines: bool = False) -> str:
    """The text, if it is plain or was there ``before``. Raises `Refused`. ``what`` begins the sentence."""
    if text != before and (said := fault(text, lines)):
        raise Refused(f"{what} {said}.")
    return text
