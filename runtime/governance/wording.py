"""Steps and their settings in words, whatever state they are in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ...nodes.graph import JourneyGraph
from ...nodes.node import Node
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
        return ", ".join(f"{name_of(key)} {words(each)}" for key, each in value if each not in (None, (), ""))
    if isinstance(value, Mapping):
        return ", ".join(f"{name_of(str(key))} {words(each)}" for key, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(words(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def title_of(graph: JourneyGraph, step: str) -> str:
    """What a step is called, whatever state it is in."""
    if step in graph.nodes:
        return graph.nodes[step].title
    entry = entries(graph.content, "nodes").get(step, {})
    return str(entry.get("title") or step)


def settings_of(graph: JourneyGraph, step: str) -> dict[str, str]:
    """Every setting in words, by its name; of a step that cannot be built, as it is written."""
    node: Node | None = graph.nodes.get(step)
    if node is not None:
        fields = type(node.settings).model_fields
        return {name_of(key): words(getattr(node.settings, key)) for key in fields}
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
    node = graph.nodes.get(step)
    declared = node.ports() if node else ()
    usual = declared[0].name if declared else port
    label = next((each.label for each in declared if each.name == port), port)
    return f" · {label or port}" if label or port != usual else ""


def written(value: Any) -> str:
    """A value as JSON, the same for equal values."""
    return json.dumps(value or {}, ensure_ascii=False, sort_keys=True, default=str)


def name_of(key: str) -> str:
    """A setting's name, for people."""
    return key.strip("_").replace("_", " ").capitalize()


def short(text: str) -> str:
    """So much of a value as fits in a sentence."""
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
