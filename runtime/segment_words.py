"""A rule of a segment as a plain sentence: figures by their titles, segments and journeys by theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..nodes.rule import Rule
from .feature_catalogue import BY_NAME, STAGE_WORDS

LONGEST = 190  # characters of a title
Titles = Mapping[tuple[str, str], str]  # (segment, journey or step, its short name) → its title


def sentence(rule: Any, titles: Titles | None = None) -> str:
    """Who is meant by a rule as it is written."""
    return f"Those who meet: {words(Rule.model_validate(rule), titles)}."


def words(rule: Any, titles: Titles | None = None) -> str:
    """A rule, or one test of it, without raw names where there are better ones."""
    if isinstance(rule, Rule):
        rule = rule.root
    named = _named(rule.model_dump(by_alias=True, exclude_unset=True), titles or {})
    return type(rule).model_validate(named).words()


def _named(part: Any, titles: Titles) -> Any:
    """The same tests with titles in the place of names, only to be said."""
    if isinstance(part, list | tuple):
        return [_named(each, titles) for each in part]
    if not isinstance(part, Mapping):
        return part
    said = {key: _named(value, titles) for key, value in part.items()}
    for kind in ("segment", "journey", "step"):
        if (title := titles.get((kind, str(part.get(kind))))) is not None:
            said[kind] = f"“{title[:LONGEST]}”"
    if part.get("property") == "created_at":
        said["property"] = "the day they came"
    known = BY_NAME.get(str(part.get("feature")))
    if known is not None:
        title = known.title.replace(", ", " ")
        said["feature"] = title if title.isupper() else title[:1].lower() + title[1:]
        if known.name == "stage" and "value" in said:
            said["value"] = _stages(said["value"])
    return said


def _stages(value: Any) -> Any:
    if isinstance(value, list):
        return [_stages(each) for each in value]
    return STAGE_WORDS.get(value, value).lower() if isinstance(value, str) else value
