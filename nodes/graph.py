"""A journey as a graph: its nodes made from their settings, its edges, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import networkx as nx
from pydantic import ValidationError

from .checks import all_problems
from .complaints import complaints
from .labels import subject
from .node import Node, Problem
from .registry import node_types
from .step import MessageNeed


class JourneyGraph:
    """Built from a journey's content in whatever state: what cannot be built is a problem, never an exception."""

    def __init__(self, content: Mapping[str, Any], before: JourneyGraph | None = None) -> None:
        """``before`` is the graph of an earlier state: steps that are the same in it are taken over as they are."""
        self.content = content
        self._before = before
        self.unbuilt: list[Problem] = []  # found while building
        self.nodes: dict[str, Node] = {}  # those of a known kind with valid settings
        self.letters: dict[str, Mapping[str, Any]] = self._mappings("letters", "letter")
        entries = self._mappings("nodes", "step")
        self.ids: list[str] = sorted(entries)
        self._exits = {node_id: self._edges(node_id, entries[node_id]) for node_id in self.ids}
        for node_id in self.ids:
            self._build(node_id, entries[node_id])
        self._entries, self._before = entries, None

    def exits(self, id: str) -> dict[str, str]:
        """Where each connected port of a node leads."""
        return self._exits.get(id, {})

    def title_of(self, id: str) -> str:
        """What a step is called, whatever state it is in."""
        if id in self.nodes:
            return self.nodes[id].title
        entry = self._entries.get(id, {})
        type_ = node_types().get(str(entry.get("kind")))
        return str(entry.get("title") or (type_.face.label if type_ else id))

    def way_of(self, id: str, port: str) -> str:
        """What a way out of a step is called; nothing where it is the only one and has no name."""
        declared = [*self.nodes[id].ports()] if id in self.nodes else []
        labels = {each.name: each.label for each in declared}
        return labels.get(port, port) or ("" if next(iter(labels)) == port else port)

    def in_titles(self, id: str, text: str) -> str:
        """What a step says of itself, with titles where its settings name other steps by their ids."""
        node = self.nodes.get(id)
        if node is None:
            return text
        for each in {need.node for need in node.needs() if isinstance(need, MessageNeed) and need.node in self._exits}:
            title = f"“{self.title_of(str(each))}”"
            text = re.sub(rf"(?<=the message of ){re.escape(str(each))}(?![\w-])", lambda _, title=title: title, text)
        if (back := node.back()) in self._exits:
            title = f"“{self.title_of(str(back))}”"
            text = re.sub(rf"(?<![\w-]){re.escape(str(back))}(?=, after )", lambda _: title, text, count=1)
        return text

    @cached_property
    def triggers(self) -> list[str]:
        """The ids of the nodes people come in by."""
        return [node_id for node_id, node in self.nodes.items() if node.entry() is not None]

    @cached_property
    def ways(self) -> dict[str, list[str]]:
        """Where the edges of every node lead, as far as it exists: what the laws are asked of at every edit."""
        known = self._exits
        return {node_id: [to for to in exits.values() if to in known] for node_id, exits in known.items()}

    @cached_property
    def goes_round(self) -> bool:
        """Whether edges lead in circles: whether anything is left of it when what nothing leads to is taken away,
        again and again (Kahn 1962, doi:10.1145/368996.369025)."""
        into = dict.fromkeys(self.ways, 0)
        for targets in self.ways.values():
            for to in targets:
                into[to] += 1
        first = [node_id for node_id, count in into.items() if not count]
        for node_id in first:  # it grows meanwhile
            for to in self.ways[node_id]:
                into[to] -= 1
                if not into[to]:
                    first.append(to)
        return len(first) < len(self.ways)

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """All nodes and the edges between them, for what NetworkX knows; an edge's key is the port it starts from."""
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(self.ids)
        for node_id in self.ids:
            for port, target in self.exits(node_id).items():
                if target in self._exits:
                    graph.add_edge(node_id, target, key=port)
        return graph

    def problems(self) -> list[Problem]:
        """Everything that is wrong, errors first."""
        found = dict.fromkeys([*self.unbuilt, *all_problems(self)])
        return sorted(found, key=lambda problem: problem.severity != "error")

    def errors(self) -> list[Problem]:
        """What keeps the journey from being published."""
        return [problem for problem in self.problems() if problem.severity == "error"]

    def kept(self, id: str, entry: Mapping[str, Any]) -> Node | None:
        """The step made here, if it would be made the same from ``entry``."""
        old = self._entries.get(id)
        if old is entry:
            return self.nodes.get(id)
        if old is None or any(old.get(part) != entry.get(part) for part in ("kind", "settings", "title")):
            return None
        return self.nodes.get(id)

    def _mappings(self, part: str, what: str) -> dict[str, Mapping[str, Any]]:
        given = self.content.get(part) or {}
        if not isinstance(given, Mapping):
            self.unbuilt.append(Problem(f"The part “{part}” has to map names to entries."))
            return {}
        usable = {str(name): entry for name, entry in given.items() if isinstance(entry, Mapping)}
        self.unbuilt += [
            Problem(f"The {what} “{name}” has to be a mapping of names to values.")
            for name in given
            if str(name) not in usable
        ]
        return usable

    def _edges(self, id: str, entry: Mapping[str, Any]) -> dict[str, str]:
        given = entry.get("next") or {}
        if self._before is not None and given == (known := self._before.exits(id)):
            return known
        if isinstance(given, Mapping) and all(isinstance(each, str) for each in [*given, *given.values()]):
            return dict(given)
        self.unbuilt.append(Problem(f"{id}: its ways out have to be names, each with the id of a step.", id))
        return {}

    def _build(self, id: str, entry: Mapping[str, Any]) -> None:
        if self._before is not None and (same := self._before.kept(id, entry)):
            self.nodes[id] = same
            return
        kind = entry.get("kind")
        type_ = node_types().get(kind) if isinstance(kind, str) else None
        if type_ is None:
            missing = f"{id}: it does not say what kind of step it is."
            text = f"{id}: there is no step of the kind “{kind}”; correct it, or install the extension it comes from."
            self.unbuilt.append(Problem(text if kind else missing, id))
            return
        settings = entry.get("settings") or {}
        if not isinstance(settings, Mapping):
            self.unbuilt.append(Problem(f"{id}: settings have to be a mapping of names to values.", id))
            return
        try:
            self.nodes[id] = type_(id, settings, str(entry.get("title") or ""))
        except ValidationError as error:
            for place, sentence in complaints(error):
                about = f"“{subject(type_.Settings, place)}”" if place else type_.face.label
                self.unbuilt.append(Problem(f"{id}: {about} {sentence}.", id))
