"""The words looked for in letters, read from ``assets/checks``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent.parent.parent / "assets" / "checks"
WORD = re.compile(r"[^\W\d_]+")
ENOUGH, SURE = 12, 1.5  # words before a guess is made; how many times more of its small words the language must have


@cache
def lists() -> Mapping[str, Any]:
    """The file as it is."""
    return yaml.safe_load((FOLDER / "words.yaml").read_text("utf-8"))


def words_of(name: str, language: str) -> Mapping[str, float] | list[str]:
    """The list of a language; all languages' where there is none of it."""
    known = lists()[name]
    if language in known:
        return known[language]
    return [word for words in known.values() for word in words]


def guessed_language(text: str) -> str:
    """The language a text is written in, by its small words; "" where it is too short or nobody can tell."""
    words = Counter(word.casefold() for word in WORD.findall(text))
    if words.total() < ENOUGH:
        return ""
    scores = {language: sum(words[one] for one in common) for language, common in lists()["common"].items()}
    (first, best), (_, second) = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
    return first if best >= 3 and best > words.total() / 12 and best >= SURE * second else ""
