"""The words the brand wants are there, those it does not want are not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "brand-words"


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Whole words, in any case; a star at the end stands for any ending."""
    lines = [("the subject", None, page.shown.subject), ("the preheader", None, page.shown.preheader)]
    lines += [("", element, text) for element, text in page.texts]
    for word in around.words_banned:
        pattern = _pattern(word)
        hit = next(((where, element) for where, element, text in lines if pattern.search(text)), None)
        if hit:
            where = f" in {hit[0]}" if hit[0] else ""
            yield page.finding(
                CODE, "warning", f"“{word}”{where} is a word the brand does not use.", "Say it another way.", hit[1]
            )
    everything = " ".join(text for _, _, text in lines)
    for word in around.words_wanted:
        if not _pattern(word).search(everything):
            yield page.finding(
                CODE, "hint", f"“{word}”, which the brand wants in its letters, is not in this one.", "Work it in."
            )


def _pattern(word: str) -> re.Pattern[str]:
    stem = re.escape(word.removesuffix("*"))
    return re.compile(rf"(?<!\w){stem}" + ("" if word.endswith("*") else r"(?!\w)"), re.I)


LOOK = Look(
    CODE, "Words of the brand", "warning",
    "Settings has two lists: words every letter shall have, and words none may have (“cheap”, a competitor's name). "
    "A star stands for any ending, which Czech and Slovak need.", page=look,
)  # fmt: skip
