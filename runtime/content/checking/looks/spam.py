"""What spam filters give points for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page
from ..tree import Element
from ..words import words_of

CODE = "spam"
LOOK_AT, TOO_MUCH = 2.0, 4.0  # points; SpamAssassin calls five spam, and half of them come from elsewhere
LINKS = 25  # from here on, a letter looks like a list of links
SHOUT = re.compile(r"\b[^\W\d_a-zà-ž]{4,}\b")


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Words, capitals, marks, hidden text and links, each with its points."""
    text = f"{page.shown.subject}. {page.shown.preheader}. " + ". ".join(text for _, text in page.texts)
    low = text.casefold()
    points: dict[str, float] = {}
    for language in dict.fromkeys(("any", page.language)):
        phrases = words_of("spam", language)
        if isinstance(phrases, Mapping):
            points |= {f"“{phrase}”": worth for phrase, worth in phrases.items() if _said(phrase, low)}
    loud = [word for word in SHOUT.findall(text) if word not in ("HTML", "NEWS")]
    if len(loud) >= 3:
        points[f"{len(loud)} words in capitals"] = min(2.0, 0.4 * len(loud))
    if marks := len(re.findall(r"!{2,}", text)):
        points["several exclamation marks in a row"] = min(1.5, 0.5 * marks)
    elif text.count("!") > 5:
        points[f"{text.count('!')} exclamation marks"] = 0.7
    links = sum(href.lower().startswith("http") and not page.is_ours(href) for _, href in page.links)
    if links > LINKS:
        points[f"{links} links"] = 1.0
    if hidden := _hidden(page):
        points["text in the colour of its ground or of no size"] = 2.0
    total = sum(points.values())
    if total >= LOOK_AT:
        said = ", ".join(name for name, _ in sorted(points.items(), key=lambda pair: -pair[1])[:6])
        severity = "warning" if total >= TOO_MUCH else "hint"
        yield page.finding(
            CODE, severity, f"A spam filter would give about {total:.1f} points: {said}.",
            "Say it in plainer words; take away what shouts.", hidden or None,
        )  # fmt: skip
    attached = words_of("attached", page.language)
    if word := next((word for word in attached if _said(word, low)), ""):
        yield page.finding(
            CODE, "hint", f"The letter speaks of something attached (“{word}”), and letters have no attachments here.",
            "Link to the file instead.",
        )  # fmt: skip


def _said(phrase: str, text: str) -> bool:
    before = r"(?<!\w)" if phrase[0].isalnum() else ""
    return re.search(before + re.escape(phrase), text) is not None


def _hidden(page: Page) -> Element | None:
    for element, text in page.texts:
        if len(text) < 4:
            continue
        ground, colour = page.styles.ground(element), page.styles.colour(element)
        if page.styles.size(element) < 2 or (ground is not None and colour[:3] == ground[:3]):
            return element
    return None


LOOK = Look(
    CODE, "Spam triggers", "warning",
    "Public rules of SpamAssassin and what large mailboxes advise: phrases, capitals, rows of exclamation marks, "
    "hidden text, very many links. The score says where to look; reputation counts for more.", page=look,
)  # fmt: skip
