"""What the pages behind the links answered when they were last asked."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "links-dead"
GONE = (404, 410)


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Links that were asked for and did not answer well; who was not asked is not spoken of."""
    for element, href in page.links:
        asked = around.links.get(href)
        if asked is None or not asked.problem:
            continue
        dead = asked.status in GONE
        yield page.finding(
            CODE, "error" if dead else "warning", f"“{(element.text or href)[:60]}” leads to {href[:100]}: "
            f"{asked.problem}", "Correct the address, or put the page back." if dead else "Look at the page yourself.",
            element,
        )  # fmt: skip


LOOK = Look(
    CODE, "Dead links", "error",
    "A page known to be gone (404, 410) is an error; one that did not answer in time may be well again later.",
    page=look,
)  # fmt: skip
