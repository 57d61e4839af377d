"""What two rules of a segment have that is not the same, in sentences."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..nodes.rule import Rule
from .segment_checks import tests
from .segment_words import Titles, words


def changes(before: Any, after: Any, titles: Titles | None = None) -> list[str]:
    """From one rule, as it is written, to another; nothing where they say the same."""
    old, new = Rule.model_validate(before), Rule.model_validate(after)
    if old.words() == new.words():
        return []
    had, has = _tests(old, titles), _tests(new, titles)
    said = [f"Taken out: {test}." for test in (had - has).elements()]
    said += [f"Added: {test}." for test in (has - had).elements()]
    return said or ["The same tests, put together in another way."]


def _tests(rule: Rule, titles: Titles | None) -> Counter[str]:
    return Counter(words(each, titles) for each in reversed([*tests(rule)]))
