"""A version of a journey, compiled once into what the engine runs; and the shelf that keeps the programs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import networkx as nx

from ..nodes.graph import JourneyGraph
from ..nodes.node import Entry, Listen, Node, OnEvent, OnSchedule
from ..nodes.step import Need
from ..storage import journeys
from ..storage.columns import dump
from ..storage.database import Tx


class NotApproved(Exception):
    """This version's content is not what was approved: publish the journey again after a review."""


class NotRunnable(Exception):
    """This version has problems that keep it from running; the journey's page lists them."""


def content_hash(content: dict[str, Any]) -> str:
    """The name of a content: equal contents, equal hashes."""
    return sha256(dump(content).encode()).hexdigest()


@dataclass(slots=True)
class Program:
    """One version, ready to walk: nodes by index, exits as indexes, in an order that never goes back."""

    version_id: int
    journey_id: int
    name: str
    content: dict[str, Any]
    ids: list[str]
    nodes: list[Node]
    exits: list[dict[str, int]]
    order: list[int]  # every node after all that lead to it
    needs: list[tuple[Need, ...]]
    entries: list[tuple[int, Entry]]
    listeners: dict[str, list[tuple[int, Listen]]]
    paths: dict[str, int] = field(default_factory=dict)  # steps → id in the store
    at: dict[str, int] = field(default_factory=dict)  # id → index

    def index(self, node_id: str) -> int:
        """The index of a node."""
        return self.at[node_id]


def compile_version(version_id: int, journey_id: int, content: dict[str, Any]) -> Program:
    """Make a program of a version's content; raises `NotRunnable` when the graph has errors."""
    graph = JourneyGraph(content)
    errors = graph.errors()
    if errors:
        raise NotRunnable("; ".join(problem.text for problem in errors))
    ids = graph.ids
    at = {node_id: index for index, node_id in enumerate(ids)}
    nodes = [graph.nodes[node_id] for node_id in ids]
    exits = [{port: at[target] for port, target in graph.exits(node_id).items()} for node_id in ids]
    line = nx.DiGraph()
    line.add_nodes_from(range(len(ids)))
    line.add_edges_from((index, target) for index, ways in enumerate(exits) for target in ways.values())
    listeners: dict[str, list[tuple[int, Listen]]] = {}
    for index, node in enumerate(nodes):
        if listen := node.listens():
            listeners.setdefault(listen.event, []).append((index, listen))
    needs = [node.needs() for node in nodes]
    return Program(
        version_id=version_id,
        journey_id=journey_id,
        name=content["name"],
        content=content,
        ids=ids,
        nodes=nodes,
        exits=exits,
        order=list(nx.lexicographical_topological_sort(line)),
        needs=needs,
        entries=[(index, entry) for index, node in enumerate(nodes) if (entry := node.entry())],
        listeners=listeners,
        at=at,
    )


class ProgramShelf:
    """The programs of this instance, compiled when first asked for. What is live is read again in each transaction."""

    def __init__(self) -> None:
        self._programs: dict[int, Program | Exception] = {}
        self._lock = threading.Lock()
        self._seen: Sequence[tuple[Any, ...]] = ()
        self._live: dict[int, Program] = {}
        self._by_event: dict[str, list[tuple[Program, int, OnEvent]]] = {}
        self.running: frozenset[int] = frozenset()  # journeys whose people move
        self.refused: dict[int, str] = {}  # journey → why its live version does not run

    def refresh(self, tx: Tx) -> None:
        """See what is live now; cheap when nothing has changed."""
        seen = journeys.states(tx)
        if seen == self._seen:
            return
        live: dict[int, Program] = {}
        refused: dict[int, str] = {}
        by_event: dict[str, list[tuple[Program, int, OnEvent]]] = {}
        for journey_id, status, version_id in seen:
            if status != "live" or version_id is None:
                continue
            try:
                program = self.program(tx, version_id)
            except (NotApproved, NotRunnable) as error:
                refused[journey_id] = str(error) or type(error).__doc__ or ""
                continue
            live[journey_id] = program
            for index, entry in program.entries:
                if isinstance(entry, OnEvent):
                    by_event.setdefault(entry.event, []).append((program, index, entry))
        with self._lock:
            self._live, self._by_event, self.refused = live, by_event, refused
            self.running = frozenset(journey_id for journey_id, status, _ in seen if status == "live")
            self._seen = seen

    def program(self, tx: Tx, version_id: int) -> Program:
        """The program of a version, live or still draining; refuses content that is not what was approved."""
        found = self._programs.get(version_id)
        if found is None:
            found = _load(tx, version_id)
            with self._lock:
                self._programs[version_id] = found
        if isinstance(found, Exception):
            raise found
        return found

    def live(self, name: str) -> Program | None:
        """The live program of a journey, by name."""
        return next((program for program in self._live.values() if program.name == name), None)

    def triggered_by(self, event: str) -> list[tuple[Program, int, OnEvent]]:
        """Which live journeys an event may start, and at which node."""
        return self._by_event.get(event, [])

    def scheduled(self) -> list[tuple[Program, int, OnSchedule]]:
        """Every schedule trigger of every live journey."""
        return [
            (program, index, entry)
            for program in self._live.values()
            for index, entry in program.entries
            if isinstance(entry, OnSchedule)
        ]

    def programs(self) -> list[Program]:
        """Every live program."""
        return list(self._live.values())


def _load(tx: Tx, version_id: int) -> Program | Exception:
    row = journeys.frozen(tx, version_id)
    if row is None:
        return NotApproved(f"There is no version {version_id}.")
    journey_id, content, approved = row
    if approved is None or content_hash(content) != approved:
        return NotApproved(NotApproved.__doc__)
    try:
        return compile_version(version_id, journey_id, content)
    except NotRunnable as error:
        return error
