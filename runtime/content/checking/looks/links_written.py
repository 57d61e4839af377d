"""Links that lead somewhere: complete, over https, to no place of a draft, not behind a shortener."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..around import Around
from ..finding import Finding, Severity
from ..look import Look
from ..page import Page
from ..words import lists, words_of

CODE = "links"
PLACEHOLDERS = re.compile(
    r"^(localhost|127\.|10\.|192\.168\.|0\.0\.0\.0|(www\.)?example\.(com|org|net)$|.*\.(test|invalid|local)$|"
    r"(www\.)?(your-?domain|yoursite|domain|website|link)\.(com|org|cz|sk|de)$)",
    re.I,
)

SAMPLE = "https://www.example.com/picture.jpg"  # what stands in a fresh block


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Every link but the reader's own way out, and where pictures come from."""
    demo = bool(PLACEHOLDERS.match(urlsplit(around.brand.base_url).hostname or ""))
    for element, href in page.links:
        if page.is_ours(href):
            continue
        words = element.text or next((one.attributes.get("alt", "") for one in element.find("img")), "")
        name = f"“{words[:60]}”" if words else "A link"
        problem = _wrong(href, demo)
        if problem:
            severity, sentence, fix = problem
            yield page.finding(CODE, severity, f"{name} {sentence}", fix, element)
        elif not words:
            yield page.finding(
                CODE, "warning", "A link has nothing to click on.", "Give it words, or take it out.", element
            )
        elif words.strip().casefold().rstrip("!.… →›") in words_of("vague", page.language):
            yield page.finding(
                CODE, "hint", f"{name} does not say where it leads.",
                "Name what one gets: “See your basket” rather than “Click here”.", element,
            )  # fmt: skip
    for picture in page.pictures:
        host = _host(picture.attributes.get("src") or "")
        if host and PLACEHOLDERS.match(host) and (not demo or picture.attributes.get("src") == SAMPLE):
            sentence = f"A picture comes from {host}, a place of drafts: nobody would see it."
            yield page.finding(CODE, "warning", sentence, "Put in the address of your own picture.", picture)


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _wrong(href: str, demo: bool) -> tuple[Severity, str, str] | None:
    scheme = href.partition(":")[0].lower() if ":" in href else ""
    if not href or href == "#":
        return "warning", "leads nowhere.", "Say where it leads, or take the link away."
    if scheme in ("mailto", "tel", "sms", "geo"):
        return None
    if href.startswith("#"):
        return "hint", "jumps within the letter, which most phones ignore.", "Link to a page, or take it out."
    try:
        parts = urlsplit(href)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    if scheme not in ("http", "https") or not host or " " in href:
        return "warning", f"is no whole address: {href[:80]}", "Begin it with https:// and the name of the site."
    if PLACEHOLDERS.match(host) and not demo:
        return "warning", f"leads to {host}, a place of drafts.", "Put in the page that is meant."
    if scheme == "http" and not demo:
        return "warning", f"leads to {host} without a lock (http).", "Write https://."
    if host in lists()["shorteners"]:
        return "warning", f"hides its target behind {host}.", "Link to the page itself: filters distrust shorteners."
    return None


LOOK = Look(
    CODE, "Links as written", "warning",
    "A link to nowhere, to a draft's placeholder or without a lock loses the click; filters distrust shorteners. What "
    "would run something (javascript:) is made a link to nowhere before it leaves.", page=look,
)  # fmt: skip
