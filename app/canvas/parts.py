"""A journey's content as parts that can be read, changed and put back one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .history import Part

Content = dict[str, Any]
WORDS = ("title", "description", "message_type", "topic", "review_by")
FIELDS = (*WORDS, "priority")
_APART = ("next", "at")  # of a step: parts of their own


def readable(content: Mapping[str, Any]) -> Content:
    """The content with everything a canvas could not draw left out: entries that are no mappings, ways to no text."""
    nodes = {
        str(node_id): {**entry, "next": _ways(entry.get("next"))} if "next" in entry else dict(entry)
        for node_id, entry in _mapping(content.get("nodes")).items()
        if isinstance(entry, Mapping)
    }
    for entry in nodes.values():
        if "at" in entry and _place(entry["at"]) is None:
            del entry["at"]
    kept: Content = {**content, "nodes": nodes, "letters": _entries(content.get("letters"))}
    if "notes" in content:
        kept["notes"] = _entries(content.get("notes"))
    return kept


def part_of(content: Content, part: Part) -> Any:
    """What a part is now; None when it is not there."""
    kind, name, *rest = part
    if kind == "field":
        return content.get(name)
    if kind in ("letter", "note"):
        return content.get(kind + "s", {}).get(name)
    node = content["nodes"].get(name)
    if node is None:
        return None
    if kind == "step":
        return {key: value for key, value in node.items() if key not in _APART}
    if kind == "at":
        return _place(node.get("at"))
    return node.get("next", {}).get(rest[0])


def with_parts(content: Content, values: Mapping[Part, Any]) -> Content:
    """A new content with these parts; the old one stays as it is, and what is not touched is shared."""
    made = {**content, "nodes": dict(content["nodes"])}
    nodes, fresh = made["nodes"], set()

    def own(name: str) -> dict[str, Any] | None:
        if name in nodes and name not in fresh:
            nodes[name] = dict(nodes[name])
            fresh.add(name)
        return nodes.get(name)

    for (kind, name, *_), value in values.items():
        if kind != "step":
            continue
        if value is None:
            nodes.pop(name, None)
        else:
            nodes[name] = {**value, **{key: nodes[name][key] for key in _APART if key in nodes.get(name, {})}}
            nodes[name].setdefault("next", {})
            fresh.add(name)
    for (kind, name, *rest), value in values.items():
        if kind == "field":
            _put(made, name, value)
        elif kind in ("letter", "note"):
            made[kind + "s"] = dict(made.get(kind + "s", {}))
            _put(made[kind + "s"], name, value)
        elif kind == "at" and (node := own(name)) is not None:
            _put(node, "at", None if value is None else list(value))
        elif kind == "edge" and (node := own(name)) is not None:
            node["next"] = dict(node.get("next", {}))
            _put(node["next"], rest[0], value)
    if not made.get("notes", True):
        del made["notes"]
    return made


def all_parts(content: Content) -> dict[Part, Any]:
    """Every part there is."""
    found: dict[Part, Any] = {("field", name): content[name] for name in FIELDS if content.get(name) is not None}
    for key, node in content["nodes"].items():
        found["step", key] = part_of(content, ("step", key))
        if "at" in node:
            found["at", key] = part_of(content, ("at", key))
    found |= {("edge", *edge): target for edge, target in edges(content).items()}
    found |= {("letter", name): letter for name, letter in content["letters"].items()}
    return found | {("note", key): note for key, note in content.get("notes", {}).items()}


def edges(content: Content) -> dict[tuple[str, str], str]:
    """Every edge: the step and port it starts from, and where it leads."""
    return {(source, port): target for source, node in content["nodes"].items() for port, target in _next(node).items()}


def split_edge(edge_id: str) -> tuple[str, str]:
    """The step and the port an edge's id names."""
    source, _, port = edge_id.partition(":")
    return source, port


def _next(node: Mapping[str, Any]) -> Mapping[str, str]:
    return node.get("next") or {}


def _put(into: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        into.pop(name, None)
    else:
        into[name] = value


def _mapping(given: Any) -> Mapping[Any, Any]:
    return given if isinstance(given, Mapping) else {}


def _entries(given: Any) -> dict[str, Any]:
    return {str(name): dict(entry) for name, entry in _mapping(given).items() if isinstance(entry, Mapping)}


def _ways(given: Any) -> dict[str, str]:
    return {port: to for port, to in _mapping(given).items() if isinstance(port, str) and isinstance(to, str)}


def _place(given: Any) -> tuple[float, float] | None:
    if isinstance(given, list | tuple) and [isinstance(each, int | float) for each in given] == [True, True]:
        return (given[0], given[1])
    return None
