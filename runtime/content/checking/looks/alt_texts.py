"""Pictures say in words what they show; those that say nothing say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "alt-text"
FILE = re.compile(r"\.(png|jpe?g|gif|webp|svg|avif)$|^(img|image|dsc|screenshot)[-_ ]?\d*$", re.I)
LONGEST = 150  # characters that are read out in one breath


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Every picture that is shown."""
    for picture in page.pictures:
        alt = picture.attributes.get("alt")
        linked = next((one for one in picture.above() if one.tag == "a"), None)
        if alt is None or (linked is not None and not alt.strip() and not linked.text):
            where = "leads somewhere and" if linked is not None else ""
            sentence = f"A picture {where} has no alternative text: without pictures, nobody knows what it is."
            fix = "Say in a few words what it shows or where it leads."
            yield page.finding(CODE, "warning", " ".join(sentence.split()), fix, picture)
        elif FILE.search(alt.strip()):
            sentence = f"The alternative text “{alt.strip()}” is the name of a file."
            yield page.finding(CODE, "warning", sentence, "Say what the picture shows.", picture)
        elif len(alt) > LONGEST:
            sentence = f"An alternative text has {len(alt)} characters, which is long to be read out."
            yield page.finding(CODE, "hint", sentence, "Say it in a sentence; the rest belongs into the text.", picture)


LOOK = Look(
    CODE, "Alternative texts", "warning",
    "Many read with pictures off or by ear (WCAG 2.2, 1.1.1); a linked picture without words is a link to nowhere.",
    page=look,
)  # fmt: skip
