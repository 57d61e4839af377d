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
EVENT = re.compile(r"\bevent\b")
NOTHING = re.compile(r"\b(None|undefined|null|NaN)\b")


def look(page: Page, around: Around) -> Iterator[Finding]:
    """How many of the people tried lack a field, and what stands there then."""
    filled = [sample for sample in page.samples if not sample.broken]
    broken = len(page.samples) - len(filled)
    if broken and not filled and page.real and not around.with_event and EVENT.search(_written(page)):
        yield page.finding(
            CODE, "hint", "Nobody has done yet what starts the journey, so the letter could not be tried on anybody.",
            "Send yourself a test once it has happened, or give what it says of the event a fallback.",
        )  # fmt: skip
    elif broken:
        reason = next(sample.broken for sample in page.samples if sample.broken)
        share = f"{broken} of {len(page.samples)} people tried" if page.real else "somebody made up"
        yield page.finding(
            CODE, "error" if page.real and not filled else "warning",
            f"The letter cannot be filled for {share}: {reason}",
            "Give the value a fallback, as in {{ contact.city|default(\"your town\") }}.",
        )  # fmt: skip
    lacking = Counter(named for sample in filled for name in sample.missing if (named := _named(page, name)))
    for name, count in lacking.most_common():
        line = _line(page, name)
        if name.startswith("event.") and not (page.real and around.with_event):
            continue  # it is not known what the event will carry
        if page.real:
            sentence = f"{count} of {len(filled)} people tried ({count / len(filled):.0%}) have no “{name}”"
            sentence += f", of {around.reach:,} it would reach: " if around.reach else ": "
            yield page.finding(CODE, "warning", f"{sentence}nothing stands there.", _fix(name), line)
        else:
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


def _named(page: Page, name: str) -> str:
    """Of whom a field is, as the letter writes it: the filling only says its own name."""
    found = re.search(rf"\b(?:[a-z_]\w*\.)+{re.escape(name)}\b(?!\s*\()", _written(page))
    return "" if found is None and name in ("_preheader", "_pixel") else found[0] if found else name


def _written(page: Page) -> str:
    return f"{page.source.get('subject')}\n{page.source.get('preheader')}\n{page.source.get('mjml')}"


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
