"""What two rules of a segment have that is not the same, in sentences."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..nodes.rule import Rule
from .segment_checks import tests


def changes(before: Any, after: Any) -> list[str]:
    """From one rule, as it is written, to another; nothing where they say the same."""
    old, new = Rule.model_validate(before), Rule.model_validate(after)
    if old.words() == new.words():
        return []
    had, has = _tests(old), _tests(new)
    said = [f"Taken out: {words}." for words in (had - has).elements()]
    said += [f"Added: {words}." for words in (has - had).elements()]
    return said or ["The same tests, put together in another way."]


def _tests(rule: Rule) -> Counter[str]:
    return Counter(each.words() for each in reversed([*tests(rule)]))
