"""Personal fields have something to say when nobody knows them, tried on those who would get the letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ....numbers import thousands
from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page, Sample

CODE = "fallbacks"
PARTS = {"subject": "subject", "preheader": "preheader", "text": "text part"}
PRINTED = re.compile(r"\{\{.*?\}\}")
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
        if name.startswith("event.") and not (page.real and around.with_event):
            continue  # it is not known what the event will carry
        where, line = _place(page, name)
        if page.real:
            sentence = f"{count} of {len(filled)} people tried ({count / len(filled):.0%}) have no “{name}”"
            sentence += f", of {thousands(around.reach)} it would reach: " if around.reach else ": "
            sentence += f"nothing stands there{where}."
        else:
            sentence = f"“{name}” has no fallback{where}."
        yield page.finding(CODE, "warning", sentence, _fix(name), line)
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


def _place(page: Page, name: str) -> tuple[str, int]:
    """Where it is printed with nothing to say instead: in words, unless it is a line of the letter itself."""
    bare = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.(])(?!\s*\|\s*default\b)(?!\s+or\b)")
    for lines in (_printed, str.splitlines):  # what is asked in a condition is the last that may be meant
        for part, words in PARTS.items():
            if any(bare.search(line) for line in lines(str(page.source.get(part) or ""))):
                return f" in the {words}", 0
        written = enumerate(lines(str(page.source.get("mjml") or "")), 1)
        if number := next((number for number, line in written if bare.search(line)), 0):
            return "", number
    return "", 0


def _printed(text: str) -> list[str]:
    """The lines of a text with nothing left but what is printed into them."""
    return [" ".join(PRINTED.findall(line)) for line in text.splitlines()]


def _fix(name: str) -> str:
    last = name.rpartition(".")[2]
    word = {"first_name": "there", "firstName": "there"}.get(last, "…")
    return f'Say what stands there instead: {{{{ {name}|default("{word}") }}}}.'


LOOK = Look(
    CODE, "Fallbacks", "error",
    "“Hello ,” is the most seen mistake of personal letters. It is tried on people the letter would reach, so that the "
    "numbers are true; a letter that can be filled for nobody is an error.", page=look,
)  # fmt: skip
