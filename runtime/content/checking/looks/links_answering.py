"""What the pages behind the links answered when they were last asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..around import Around, Asked
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "links-dead"
GONE = (404, 410)


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Links that were asked for and did not answer well; who was not asked is not spoken of."""
    return told(links_of(page), around.links)


def links_of(page: Page) -> list[tuple[str, Finding]]:
    """The links that may be asked, each with what would be said of it but for its answer."""
    return [
        (href, page.finding(CODE, "warning", f"“{(element.text or href)[:60]}” leads to {href[:100]}", "", element))
        for element, href in page.links
        if href in page.fixed
    ]


def told(links: Iterable[tuple[str, Finding]], answers: Mapping[str, Asked]) -> Iterator[Finding]:
    """What is to be said of them."""
    for href, finding in links:
        asked = answers.get(href)
        if asked is not None and asked.problem:
            dead = asked.status in GONE
            fix = "Correct the address, or put the page back." if dead else "Look at the page yourself."
            sentence = f"{finding.sentence}: {asked.problem}"
            yield replace(finding, severity="error" if dead else "warning", sentence=sentence, fix=fix)


LOOK = Look(
    CODE, "Dead links", "error",
    "A page known to be gone (404, 410) is an error; one that did not answer in time may be well again later.",
    page=look,
)  # fmt: skip
