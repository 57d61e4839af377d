"""A state of a journey with what follows from it: its graph, its problems, and where everything stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx

from ...nodes.checks import MOST_LETTERS, MOST_NODES
from ...nodes.graph import JourneyGraph
from ...nodes.node import Fix, Problem
from . import parts
from .history import Part
from .intents import Refused
from .parts import Content
from .views import View, edge_view, has_input, node_view, note_view, places_for, sentence, title_of

Places = Mapping[str, tuple[float, float]]
_NO_PLACE = (0.0, 0.0)


class Document:
    """One state. `after` gives the next one and leaves this one as it is."""

    def __init__(self, content: Content, before: Document | None = None, same_law: bool = False) -> None:
        self.content = content
        self.beyond: tuple[Problem, ...] = ()
        self.graph = JourneyGraph(content, before.graph if before else None)
        self.loose: Places = places_for(content, self.graph)  # of steps that have no place of their own
        if same_law and before is not None:  # only places, notes or words have changed
            self._of_law, self.problems, self._by_node = before._of_law, before.problems, before._by_node
        else:
            self._of_law = self.graph.problems()
            self._list()
        if before is not None and before.beyond:
            self.beyond = tuple(each for each in before.beyond if self._stands(each, before))
            self._list()

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Document:
        """The state that a stored content stands for."""
        return cls(parts.readable(content))

    def after(self, values: Mapping[Part, Any]) -> Document:
        """The state with these parts. Raises `Refused` when it breaks a law that a drawing must never break."""
        values = {**{("at", key): place for key, place in self.loose.items() if ("step", key) not in values}, **values}
        light = all(self._is_light(part, value) for part, value in values.items())
        made = Document(parts.with_parts(self.content, values), self, same_law=light)
        if not light:
            made._judge(values)
        return made

    def knowing(self, beyond: Sequence[Problem]) -> Document:
        """The same state with what is wrong beyond what the drawing tells: events that never came, broken letters."""
        made = Document(self.content, self, same_law=True)
        made.beyond = tuple(beyond)
        made._list()
        return made

    def _list(self) -> None:
        found = [*self._of_law, *self.beyond]
        self.problems = sorted(found, key=lambda problem: problem.severity != "error") if self.beyond else found
        self._by_node: dict[str | None, tuple[Problem, ...]] = {}
        for problem in self.problems:
            self._by_node[problem.node] = (*self._by_node.get(problem.node, ()), problem)

    def _stands(self, problem: Problem, before: Document) -> bool:
        """Whether what was found out earlier may still hold, until somebody looks again."""
        if problem.node is not None:
            now, then = (document.content["nodes"].get(problem.node) for document in (self, before))
            return now is not None and then is not None and now.get("settings") == then.get("settings")
        return problem.letter is None or problem.letter in self.content["letters"]

    @property
    def title(self) -> str:
        """What the journey is called."""
        return str(self.content.get("title") or self.content.get("name", ""))

    def found(self, key: str | None) -> tuple[Problem, ...]:
        """What is wrong with a step, or with the journey as a whole."""
        return self._by_node.get(key, ())

    def fix_of(self, key: str | None, wanted: int | str) -> Fix:
        """The safe fix of a problem, named by its place among the step's own or by its sentence."""
        for number, problem in enumerate(self.found(key)):
            if wanted == number or wanted in (problem.text, sentence(problem)):
                if problem.fix is None:
                    raise Refused("There is no safe way to mend this by itself.")
                return problem.fix
        raise Refused("This problem is no longer there.")

    def place_of(self, key: str) -> tuple[float, float]:
        """Where a step stands."""
        return parts.part_of(self.content, ("at", key)) or self.loose.get(key, _NO_PLACE)

    def title_of(self, key: str) -> str:
        """What a step is called."""
        return title_of(self.content, self.graph, key)

    def node_view(self, key: str) -> View:
        """A step as a canvas draws it."""
        return node_view(self.content, self.graph, key, self.place_of(key), self.found(key))

    def views(self) -> View:
        """Everything as a canvas draws it."""
        notes = self.content.get("notes", {})
        return {
            "nodes": [self.node_view(key) for key in self.graph.ids],
            "edges": [edge_view(*edge, target) for edge, target in sorted(parts.edges(self.content).items())],
            "notes": [note_view(key, note) for key, note in notes.items()],
        }

    def difference(self, before: Document, touched: Mapping[Part, Any]) -> tuple[View, View]:
        """What a canvas that shows ``before`` has to draw anew, and what to take away."""
        ids = {part[1] for part in touched if part[0] in ("step", "at", "edge")}
        ids |= {key for key in self.content["nodes"] if self.found(key) != before.found(key)}
        titles = {part[1] for part in touched if part[0] == "step"}
        ids |= {key for key, node in self.graph.nodes.items() if node.back() in titles}
        edges = [(part[1], part[2]) for part in touched if part[0] == "edge"]
        notes = [part[1] for part in touched if part[0] == "note"]
        nodes, kept = self.content["nodes"], self.content.get("notes", {})
        up = {
            "nodes": [self.node_view(key) for key in sorted(ids) if key in nodes],
            "edges": [edge_view(*edge, to) for edge in edges if (to := parts.part_of(self.content, ("edge", *edge)))],
            "notes": [note_view(key, kept[key]) for key in notes if key in kept],
        }
        gone = {
            "nodes": [key for key in sorted(ids) if key not in nodes],
            "edges": [
                ":".join(edge) for edge in edges if parts.part_of(self.content, ("edge", *edge)) is None
            ],
            "notes": [key for key in notes if key not in kept],
        }  # fmt: skip
        return up, gone

    def _is_light(self, part: Part, value: Any) -> bool:
        """Whether no law asks about it: places, notes, and what things are called."""
        if part[0] != "step" or value is None:
            return part[0] in ("at", "note") or part in (("field", "description"), ("field", "title"))
        now = self.content["nodes"].get(part[1], {})
        return all(now.get(name) == value.get(name) for name in ("kind", "settings"))

    def _judge(self, values: Mapping[Part, Any]) -> None:
        nodes = self.content["nodes"]
        if len(nodes) > MOST_NODES or len(self.content["letters"]) > MOST_LETTERS:
            raise Refused(f"A journey holds {MOST_NODES} steps and {MOST_LETTERS} letters at most.")
        removed = {part[1] for part, value in values.items() if part[0] == "step" and value is None}
        drawn = [(part[1], value) for part, value in values.items() if part[0] == "edge" and value is not None]
        if removed:
            for (source, _), target in parts.edges(self.content).items():
                if target in removed:
                    raise Refused(f"“{self.title_of(source)}” has been connected to this step since.")
        for part, value in values.items():
            if part[0] == "letter" and value is None:
                for key, node in self.graph.nodes.items():
                    if part[1] in node.contents():
                        raise Refused(f"“{self.title_of(key)}” sends this letter; choose another one there first.")
        if not drawn:
            return
        for source, target in drawn:
            if source not in nodes or target not in nodes:
                raise Refused("A step at the end of this connection is no longer there.")
            if not has_input(self.content, self.graph, target):
                raise Refused("Nothing can lead into a trigger.")
        if not self.graph.goes_round:
            return
        ring_of = {key: n for n, ring in enumerate(nx.strongly_connected_components(self.graph.graph)) for key in ring}
        if any(ring_of[source] == ring_of[target] for source, target in drawn):
            raise Refused("People would go round in circles. To lead them back, use a jump: it lets time pass first.")
