"""How hard the text is to read, by the formula made for its language."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page
from ..reading import reading

CODE = "readability"
ENOUGH = 60  # words below which no formula says anything


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """The running text, without buttons and the small print."""
    texts = [text for element, text in page.texts if element not in page.small_print and element.tag != "a"]
    found = reading(texts, page.language)
    if found is None or found.words < ENOUGH:
        return
    if found.hard:
        yield page.finding(
            CODE, "warning" if found.very_hard else "hint",
            f"The text is {'very ' if found.very_hard else ''}hard to read: {found.formula} gives {found.score:.0f}; "
            f"{found.wanted} is easy. A sentence has {found.sentence:.0f} words on average.",
            "Cut long sentences in two and take shorter words.",
        )  # fmt: skip


LOOK = Look(
    CODE, "Readability", "warning",
    "Flesch Reading Ease for English (1948), Amstad's for German (1978), Bendová's for Czech (2021), Mistrík's for "
    "Slovak (1968), LIX (Björnsson 1968) for all others. Formulas count; they do not understand.", page=look,
)  # fmt: skip
