"""Steps and their settings in words, whatever state they are in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ...nodes.graph import JourneyGraph
from ...nodes.labels import label, value_words
from ...nodes.node import Problem
from ...nodes.registry import node_types

NOTHING = "nothing"
SHORT = 160  # characters of a value said in a sentence


def words(value: Any) -> str:
    """A setting's value as one would say it."""
    if value is None or value in ("", [], (), {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if callable(said := getattr(value, "words", None)):
        return str(said())
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        said = ((fields[key], key, each) for key, each in value if each not in (None, (), ""))
        return ", ".join(f"{label(key, info)} {_setting(info, each)}" for info, key, each in said)
    if isinstance(value, Mapping):
        return ", ".join(f"{name_of(str(key))} {words(each)}" for key, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(words(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def said(problem: Problem, graph: JourneyGraph) -> str:
    """A problem for people who see titles, not ids: “Wait until”: nothing is attached to “Time is up”."""
    text = problem.text.removeprefix(f"{problem.node}: ") if problem.node else problem.text
    if problem.node is None or problem.node not in graph.ids:
        return text[:1].upper() + text[1:]
    return f"“{graph.title_of(problem.node)}”: {text}"


def settings_of(graph: JourneyGraph, step: str) -> dict[str, str]:
    """Every setting in words, by its name; of a step that cannot be built, as it is written."""
    node = graph.nodes.get(step)
    if node is not None:
        found: dict[str, str] = {}
        for key, info in type(node.settings).model_fields.items():
            value = getattr(node.settings, key)
            extra = info.json_schema_extra
            is_step = isinstance(extra, Mapping) and extra.get("format") == "step"
            held = f"“{graph.title_of(value)}”" if is_step and value else _setting(info, value)
            found[label(key, info)] = graph.in_titles(step, held)
        return found
    given = entries(graph.content, "nodes")[step].get("settings") or {}
    return {name_of(str(key)): words(value) for key, value in given.items()} if isinstance(given, Mapping) else {}


def entries(content: Mapping[str, Any], part: str) -> dict[str, Mapping[str, Any]]:
    """What a part of a content holds under which name, whatever else was put there."""
    given = content.get(part)
    if not isinstance(given, Mapping):
        return {}
    return {str(key): entry for key, entry in given.items() if isinstance(entry, Mapping)}


def kind_of(entry: Mapping[str, Any]) -> str:
    """The kind of a step, for people."""
    kind = entry.get("kind")
    type_ = node_types().get(kind) if isinstance(kind, str) else None
    return type_.face.label if type_ else str(kind)


def port_of(graph: JourneyGraph, step: str, port: str) -> str:
    """The way out behind the title of its step; nothing where there is only one."""
    way = graph.way_of(step, port)
    return f" · {way}" if way and way != "next" else ""


def written(value: Any) -> str:
    """A value as JSON, the same for equal values."""
    return json.dumps(value or {}, ensure_ascii=False, sort_keys=True, default=str)


def name_of(key: str) -> str:
    """The name of a setting nothing is known of, for people."""
    return label(key)


def _setting(info: FieldInfo, value: Any) -> str:
    """A setting's value in the words it declares, else as `words` has it."""
    return value_words(info, value) or words(value)


def short(text: str) -> str:
    """So much of a value as fits in a sentence."""
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
