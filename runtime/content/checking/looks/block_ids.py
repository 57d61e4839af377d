"""Blocks can be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..preparing import Prepared

CODE = "block-ids"


def look(made: Prepared, _around: Around) -> Iterator[Finding]:
    """Two blocks under one id share their translations and comments."""
    ids = Counter(str(block.get("id")) for block in made.source.get("blocks") or () if isinstance(block, Mapping))
    for block, count in ids.items():
        if count > 1:
            yield Finding(
                CODE, "warning", f"{count} blocks go by the id “{block}”: a translation of one is shown in all.",
                "Delete all but one, and put the others in anew.", block,
            )  # fmt: skip


LOOK = Look(
    CODE, "Block ids", "warning",
    "Translations and shared blocks find their block by its id; two of the same come from files edited by hand.",
    letter=look,
)  # fmt: skip
