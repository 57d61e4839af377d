"""Links to our own pages carry the same campaign, or none does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from ...utm import words
from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "utm"
MARKS = ("utm_source", "utm_medium", "utm_campaign")


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Links to the sender's own site, which is the one most of the links lead to where nothing else says."""
    links = [(element, href, urlsplit(href)) for element, href in page.links if _web(href) and not page.is_ours(href)]
    hosts = Counter(site_of(parts.hostname or "") for _, _, parts in links)
    domain = around.brand.sender_address.rpartition("@")[2] or urlsplit(around.brand.base_url).hostname or ""
    own = site_of(domain) if site_of(domain) in hosts else (hosts.most_common(1)[0][0] if hosts else "")
    given, owner = page.source.get("utm") or {}, around.brand.counted
    added = any(own == site_of(one) for one in owner.domains)  # to links that carry none, when the letter leaves
    journey = next((str(one.journey.get("name") or "") for one in around.fillings), "")
    at_hand = {"medium": "email", "campaign": journey}
    said = words(given, dict(owner.utm), at_hand) if added else tuple(given.items())
    wanted = {f"utm_{name}": str(value) for name, value in said if value and f"utm_{name}" in MARKS}
    marked, bare = [], []
    for element, href, parts in links:
        if site_of(parts.hostname or "") == own:
            carried = {name: values[0] for name, values in parse_qs(parts.query).items() if name in MARKS}
            (marked if carried else bare).append((element, href, carried))
    if given or (added and bare):
        for element, _, carried in marked:
            for name, value in carried.items():
                if wanted.get(name, value) != value:
                    yield page.finding(
                        CODE, "warning", f"“{element.text[:60]}” carries {name}={value}, the letter {wanted[name]}.",
                        "Take it out of the link: the letter adds its own.", element,
                    )  # fmt: skip
        return
    if marked and bare:
        yield page.finding(
            CODE, "warning", f"{len(marked)} of {len(marked) + len(bare)} links to {own} carry UTM marks, the others "
            "none: their visits are counted as somebody else's.",
            "Set the campaign once for the whole letter, or on all links.", bare[0][0],
        )  # fmt: skip
    for name in MARKS:
        values = Counter(carried.get(name, "") for _, _, carried in marked)
        if len(values) > 1:
            said = ", ".join(f"“{value}”" if value else "none" for value in list(values)[:4])
            yield page.finding(
                CODE, "warning", f"Links of one letter differ in {name}: {said}.", "Give all of them the same."
            )


def site_of(host: str) -> str:
    """The site a host belongs to, near enough: its last two names."""
    return ".".join(host.lower().split(".")[-2:])


def _web(href: str) -> bool:
    return href.lower().startswith(("http://", "https://"))


LOOK = Look(
    CODE, "Campaign marks", "warning",
    "Where some links carry a campaign and others none, or another one, no figure of the web analytics is right.",
    page=look,
)  # fmt: skip
