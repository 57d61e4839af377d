"""The subject: there, short enough for a phone, not shouting, not pretending."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

LONGEST = 50  # characters: what most phones show
CODE = "subject"
PRETENDS = re.compile(r"^\s*(re|fwd?|aw|wg|odp|fw)\s*:", re.I)
BANGS = re.compile(r"[!?]{2,}|!.*!")
WORD = re.compile(r"[^\W\d_]{2,}")


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """As it is filled for those who would get it."""
    subjects = {sample.subject for sample in page.samples if not sample.broken}
    if not subjects:
        return
    if not str(page.source.get("subject") or "").strip():
        yield page.finding(CODE, "error", "The letter has no subject.", "Write one: it decides who opens the letter.")
        return
    empty = sum(not sample.subject for sample in page.samples if not sample.broken)
    if empty:
        who = "Nobody" if empty == len(page.samples) else f"{empty} of {len(page.samples)} people tried"
        said = "gets a subject" if empty == len(page.samples) else "get no subject: it is empty once filled"
        severity = "error" if page.real and empty == len(page.samples) else "warning"
        yield page.finding(CODE, severity, f"{who} {said}.", "Write words that stand there for everybody.")
    longest = max(subjects, key=len)
    if len(longest) > LONGEST:
        yield page.finding(
            CODE, "warning",
            f"The subject has {len(longest)} characters, and a phone shows about {LONGEST}: “{longest}”.",
            "Shorten it, the most important words first.",
        )  # fmt: skip
    if PRETENDS.search(longest):
        yield page.finding(
            CODE, "warning", f"The subject pretends to be an answer or a forwarded letter: “{longest}”.",
            "Take the “RE:” or “FWD:” away: it misleads, which the law forbids and filters punish.",
        )  # fmt: skip
    words = WORD.findall(longest)
    loud = [word for word in words if word.isupper() and len(word) > 2]
    if len(words) > 1 and len(loud) > len(words) / 2:
        yield page.finding(CODE, "warning", f"The subject shouts: “{longest}”.", "Write it in small letters.")
    if BANGS.search(longest):
        yield page.finding(
            CODE, "warning", f"The subject calls out more than once: “{longest}”.", "One mark at the end is enough."
        )


LOOK = Look(
    CODE,
    "Subject",
    "error",
    "A phone shows about 50 characters; capitals, many exclamation marks and a false “RE:” cost trust and the inbox.",
    page=look,
)
