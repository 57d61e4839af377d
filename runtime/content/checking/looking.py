"""A letter looked at from every side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..forms import medium_of
from .around import Around
from .finding import Finding
from .look import looks
from .preparing import Prepared, prepare

ALIKE = 5  # findings of one look in one language that are told one by one
BROKEN = "broken"


def check_letter(source: Mapping[str, Any], around: Around | None = None) -> list[Finding]:
    """Everything worth saying of a letter, the worst first. Asks nobody outside; compiles, so call it off the loop.

    Messages of other media have no such looks: there is nothing to say of them.
    """
    if medium_of(source) != "email":
        return []
    around = around or Around()
    return look_at(prepare(source, around), around)


def look_at(made: Prepared, around: Around) -> list[Finding]:
    """The same of a letter that is prepared already."""
    found = [
        Finding(BROKEN, "error", issue.text, "Correct it at this place.", issue.block, issue.line, issue.language)
        for issue in made.issues
    ]
    for look in looks():
        if look.letter is not None:
            found += look.letter(made, around)
        if look.page is not None:
            for page in made.pages.values():
                found += _few(look.page(page, around))
    return sorted(dict.fromkeys(found), key=lambda one: one.order)


def _few(found: Iterable[Finding]) -> list[Finding]:
    """Not a hundred times the same: the worst few, and how many more there are."""
    unlike = sorted(dict.fromkeys(found), key=lambda one: one.order)
    if len(unlike) <= ALIKE:
        return unlike
    last = unlike[ALIKE - 1]
    rest = len(unlike) - ALIKE + 1
    more = replace(last, sentence=f"And {rest} more of this kind.", block="")
    return [*unlike[: ALIKE - 1], more]
