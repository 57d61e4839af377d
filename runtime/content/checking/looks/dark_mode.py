"""The letter says how it looks in the dark, and its logo does not vanish there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..around import Around
from ..colours import luminance
from ..finding import Finding
from ..look import Look
from ..page import Page
from ..styles import DARK

CODE = "dark-mode"
SEE_THROUGH = re.compile(r"\.(png|svg|gif|webp)$", re.I)
LOGO = re.compile(r"logo|brand|wordmark", re.I)
DIM = 0.18  # luminance of a ground that a dark logo cannot be seen on


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """The notice in the head, and pictures that may be see-through."""
    metas = {
        one.attributes.get("name", "").lower(): one.attributes.get("content", "") for one in page.root.find("meta")
    }
    noticed = "dark" in metas.get("color-scheme", "") or "color-scheme" in page.styles.sheet
    if page.styles.has_dark and not noticed:
        yield page.finding(
            CODE, "hint", "The letter has dark colours but does not say so in its head: Apple Mail leaves it light.",
            'Put <meta name="color-scheme" content="light dark"> into the head (in <mj-raw position="file-start">, or '
            "use blocks, which do it).",
        )  # fmt: skip
    elif not page.styles.has_dark and not noticed:
        yield page.finding(
            CODE, "hint", "The letter has no colours for dark mode: each program makes its own of it.",
            "Make it of blocks, which bring dark colours of the brand, or add them for (prefers-color-scheme: dark).",
        )  # fmt: skip
    for picture in page.pictures:
        source = picture.attributes.get("src", "")
        about = f"{picture.attributes.get('alt', '')} {urlsplit(source).path}"
        if not SEE_THROUGH.search(urlsplit(source).path) or not LOGO.search(about):
            continue
        if page.styles.own(picture, DARK).get("display") == "none":
            continue  # another one is shown instead
        ground = page.styles.ground(picture, DARK)
        if page.styles.has_dark and ground is not None and luminance(ground) < DIM:
            yield page.finding(
                CODE, "hint", "The logo stands on a dark ground in dark mode: if its lines are dark and the rest is "
                "see-through, it vanishes.", "Give the brand a logo for dark mode, or one with a light edge.", picture,
            )  # fmt: skip


LOOK = Look(
    CODE, "Dark mode", "hint",
    "Apple Mail and Outlook follow the letter's own dark colours; others turn colours over by themselves. Dark "
    "logos on nothing vanish.", page=look,
)  # fmt: skip
