"""The reference part of ``docs/segment-file.md``, made from the models: ``python -m`` this after changing one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .journey_reference import BEGIN, END, rule_forms, table
from .segment_checks import KINDS, SegmentPart


def with_reference(page: str) -> str:
    """The page with its reference made anew between the two marks."""
    before, _, rest = page.partition(BEGIN)
    reference = "\n\n".join(_parts()) + "\n"
    return f"{before}{BEGIN}\n\n{reference}\n{END}{rest.partition(END)[2]}"


def _parts() -> Iterator[str]:
    yield from ("## Keys of the file", table(SegmentPart))
    kinds = "\n".join(f"| `{name}` | {words} |" for name, words in KINDS.items())
    yield from ("## Kinds", f"| kind | in words |\n|---|---|\n{kinds}")
    yield from rule_forms(everywhere=True)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_reference(page.read_text(encoding="utf-8")), encoding="utf-8")
