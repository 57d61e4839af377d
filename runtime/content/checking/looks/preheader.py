"""The line behind the subject: there, not the subject again, and neither too short nor too long."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "preheader"
SHORTEST, LONGEST = 20, 130  # characters: less is wasted, more is cut off everywhere
COPY = 90  # likeness in per cent from which it is the same again


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """As it is filled for the one whose letter is shown."""
    line, subject = page.shown.preheader, page.shown.subject
    if not line:
        yield page.finding(
            CODE, "warning", "There is no preheader: mail programs show the first words of the letter instead.",
            "Write one line that goes on where the subject ends.",
        )  # fmt: skip
    elif fuzz.ratio(line.casefold(), subject.casefold()) >= COPY:
        yield page.finding(
            CODE, "warning", "The preheader says the subject again.", "Say something that the subject does not."
        )
    elif len(line) > LONGEST:
        yield page.finding(
            CODE, "hint", f"The preheader has {len(line)} characters; mail programs show 40 to {LONGEST}.",
            "Put what matters into the first 40 characters.",
        )  # fmt: skip
    elif len(line) < SHORTEST:
        yield page.finding(
            CODE, "hint", f"The preheader has {len(line)} characters: the first words of the letter follow behind it.",
            f"Fill the line: about {SHORTEST} to 90 characters.",
        )  # fmt: skip


LOOK = Look(
    CODE, "Preheader", "warning",
    "It is half of what people see before they open; a copy of the subject, or “View in browser”, wastes it.",
    page=look,
)  # fmt: skip
