"""Small enough that Gmail shows all of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "size"
CLIPPED, NEAR = 102 * 1024, 90 * 1024  # bytes of HTML


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """The longest of the letters tried, with the links as they leave."""
    size = page.size
    if size >= CLIPPED:
        yield page.finding(
            CODE, "warning", f"The letter is {size / 1024:.0f} kB large: Gmail cuts it off at 102 kB, and so "
            "the way out and the count of openings.", "Leave out blocks or products, or make texts shorter.",
        )  # fmt: skip
    elif size >= NEAR:
        yield page.finding(
            CODE, "hint", f"The letter is {size / 1024:.0f} kB large; Gmail cuts off what is behind 102 kB.",
            "Do not let it grow: whoever has more in the basket gets a longer one.",
        )  # fmt: skip


LOOK = Look(
    CODE, "Size", "warning",
    "Gmail shows 102 kB of HTML and hides the rest behind “View entire message”. Counted are the bytes of the longest "
    "letter tried, with its signed links; pictures do not count.", page=look,
)  # fmt: skip
