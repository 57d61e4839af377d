"""The part without markup is there and says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..measuring import buttons
from ..page import Page

CODE = "text-part"
SHARED = 0.4  # share of the letter's longer words that the text has to have
WORD = re.compile(r"[^\W\d_]{5,}")


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Only a text somebody wrote can be out of step: else it is made from the letter."""
    if not page.shown.html:
        return
    text = page.shown.text
    if len(text.strip()) < 20 <= len(page.body.text):
        yield page.finding(
            CODE, "warning", "The text part is empty: filters distrust letters without one.",
            "Write it, or leave it out, so that it is made from the letter.",
        )  # fmt: skip
        return
    if not page.source.get("text"):
        return
    words = {
        word.casefold()
        for element, said in page.texts
        if element not in page.small_print
        for word in WORD.findall(said)
    }
    there = {word.casefold() for word in WORD.findall(text)}
    shared = len(words & there) / len(words) if words else 1.0
    if len(words) >= 8 and shared < SHARED:
        yield page.finding(
            CODE, "warning", f"The text part says something else: it has {shared:.0%} of the letter's words.",
            "Write it anew, or empty it, so that it is made from the letter.",
        )  # fmt: skip
    first = next(iter(buttons(page)), None)
    if first is not None and first.attributes.get("href", "") not in text:
        yield page.finding(
            CODE,
            "warning",
            f"The text part has no link for “{first.text[:40]}”.",
            "Put the same address into it.",
            first,
        )


LOOK = Look(
    CODE, "Text part", "warning",
    "It is read by watches, screen readers and filters; a text written by hand is forgotten when the letter changes.",
    page=look,
)  # fmt: skip
