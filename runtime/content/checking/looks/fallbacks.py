"""Personal fields have something to say when nobody knows them, tried on those who would get the letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page, Sample

CODE = "fallbacks"
NOTHING = re.compile(r"\b(None|undefined|null|NaN)\b")


def look(page: Page, around: Around) -> Iterator[Finding]:
    """How many of the people tried lack a field, and what stands there then."""
    filled = [sample for sample in page.samples if not sample.broken]
    broken = len(page.samples) - len(filled)
    if broken:
        reason = next(sample.broken for sample in page.samples if sample.broken)
        share = f"{broken} of {len(page.samples)} people tried" if page.real else "somebody made up"
        yield page.finding(
            CODE, "warning" if filled else "error", f"The letter cannot be filled for {share}: {reason}",
            "Give the value a fallback, such as {{ contact.city|default(\"your town\") }}.",
        )  # fmt: skip
    lacking = Counter(name for sample in filled for name in sample.missing)
    for name, count in lacking.most_common():
        line = _line(page, name)
        if page.real:
            share = round(100 * count / len(filled))
            reach = f" of the {around.reach:,} it would reach" if around.reach else ""
            sentence = (
                f"{count} of {len(filled)} people tried ({share} %){reach} have no “{name}”: nothing stands there."
            )
            yield page.finding(CODE, "warning", sentence, _fix(name), line)
        elif name.startswith("contact."):
            yield page.finding(CODE, "warning", f"“{name}” has no fallback.", _fix(name), line)
    if page.real:
        yield from _shown(page, filled)


def _shown(page: Page, filled: list[Sample]) -> Iterator[Finding]:
    for sample in filled:
        found = NOTHING.search(sample.text) if not NOTHING.search(str(page.source)) else None
        if found:
            yield page.finding(
                CODE, "warning", f"The word “{found[0]}” stands in the letter of somebody: a value is empty.",
                "Give it a fallback, or leave the sentence out where it is empty.",
            )  # fmt: skip
            return


def _line(page: Page, name: str) -> int:
    """The first line that prints it."""
    lines = str(page.source.get("mjml") or "").splitlines()
    return next((number for number, line in enumerate(lines, 1) if name in line), 0)


def _fix(name: str) -> str:
    last = name.rpartition(".")[2]
    word = {"first_name": "there", "firstName": "there"}.get(last, "…")
    return f'Say what stands there instead: {{{{ {name}|default("{word}") }}}}.'


LOOK = Look(
    CODE, "Fallbacks", "error",
    "“Hello ,” is the most seen mistake of personal letters. It is tried on people the letter would reach, so that the "
    "numbers are true; a letter that can be filled for nobody is an error.", page=look,
)  # fmt: skip
