"""Letters large enough to be read on a phone."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page
from ..styles import LIGHT, ON_PHONE

CODE = "font-size"
LEAST, SMALL_PRINT = 14.0, 12.0  # pixels


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Every piece of text, on a desk and on a phone; the last lines may be a little smaller."""
    said: set[float] = set()
    for element, text in page.texts:
        if not any(sign.isalnum() for sign in text):
            continue
        size = min(page.styles.size(element, LIGHT), page.styles.size(element, ON_PHONE))
        least = SMALL_PRINT if element in page.small_print else LEAST
        if 0 < size < least - 0.05 and size not in said:
            said.add(size)
            short = text if len(text) <= 40 else text[:39] + "…"
            yield page.finding(
                CODE, "warning", f"“{short}” is {size:g} pixels small.", f"Make it at least {least:g} pixels.", element
            )


LOOK = Look(
    CODE, "Size of letters", "warning",
    "Under 14 pixels people have to zoom, and iPhones enlarge texts under 13 by themselves, which breaks the layout. "
    "The line with the way out may have 12.", page=look,
)  # fmt: skip
