"""What became of the people in a journey: as a whole, by step and by day, counted from sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from ..nodes.goal import Goal
from ..nodes.graph import JourneyGraph
from ..nodes.node import Node
from ..nodes.step import DAY_MS
from ..storage import funnels
from ..storage.database import Row, Tx
from ..storage.messages import IN_DOUBT, SENT
from . import why_held
from .tracking import figures
from .tracking.figures import LetterFigures
from .why_held import Line

END = "end"  # the reason of those whose way led nowhere further


@dataclass(slots=True)
class Tally:
    """Counts of a journey or a step, of a period or a day; opened and clicked are first times."""

    entered: int = 0
    moved: dict[str, int] = field(default_factory=dict)  # by port; a journey as a whole has none
    left: dict[str, int] = field(default_factory=dict)  # by reason
    converted: int = 0
    sent: int = 0
    held_back: int = 0  # skipped by the gate, or failed
    opened: int = 0
    clicked: int = 0


@dataclass(slots=True)
class Course:
    """One tally for a period and one for each of its days with anything in it; ``here`` is now, whatever the period."""

    total: Tally = field(default_factory=Tally)
    by_day: dict[int, Tally] = field(default_factory=dict)  # days since 1970, UTC
    here: int = 0

    def of(self, day: int) -> tuple[Tally, Tally]:
        """The two tallies something on a day adds to."""
        return self.total, self.by_day.setdefault(day, Tally())


@dataclass(slots=True)
class Form:
    """What one form of a step's message came to: its place in the chain, its channel, and counts."""

    turn: int
    channel: str
    counts: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Funnel:
    """A journey's course, that of each of its steps by id, and its main steps: ``(name, people)`` in order."""

    whole: Course = field(default_factory=Course)
    steps: dict[str, Course] = field(default_factory=dict)
    main: list[tuple[str, int]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    forms: dict[str, list[Form]] = field(default_factory=dict)  # of each step that sends, in the order of its chain
    versions: list[tuple[int, int]] = field(default_factory=list)  # every (id, number) there is, the oldest first
    held: dict[str, list[Line]] = field(default_factory=dict)  # by step: why people got nothing
    letters: dict[str, LetterFigures] = field(default_factory=dict)  # how those of each step that sends e-mail fare


def read(tx: Tx, journey_id: int, from_day: int, version_id: int | None = None) -> Funnel:
    """The funnel of a journey since a day (days since 1970, UTC), of one version or of all."""
    drawn = funnels.drawn(tx, journey_id)
    contents = {version: content for version, _, content in drawn if version_id in (None, version)}
    ids = list(contents)
    found = count(
        contents, funnels.days(tx, ids, from_day), funnels.standing(tx, ids), funnels.messages(tx, ids, from_day)
    )
    forms = funnels.forms(tx, ids, from_day)
    found.forms = count_forms(contents, forms)
    found.letters = figures.read(tx, journey_id, contents, forms, from_day * DAY_MS)
    found.versions = [(version, number) for version, number, _ in drawn]
    found.held = why_held.read(tx, journey_id, contents, from_day * DAY_MS)
    return found


def count_forms(contents: Mapping[int, Mapping[str, Any]], rows: Iterable[Sequence[Any]]) -> dict[str, list[Form]]:
    """What each form came to, by step, from rows as `storage.funnels.forms` gives them."""
    ids = {version: JourneyGraph(content).ids for version, content in contents.items()}
    found: dict[str, dict[tuple[int, str], Form]] = {}
    for version, node, turn, channel, status, n, opened, clicked in rows:
        forms = found.setdefault(ids[version][node], {})
        form = forms.setdefault((turn, channel), Form(turn, channel))
        _sent(form.counts, status, n, opened, clicked)
    return {step: [form for _, form in sorted(forms.items())] for step, forms in found.items()}


def count(
    contents: Mapping[int, Mapping[str, Any]],
    days: Iterable[Sequence[Any]],
    standing: Iterable[Sequence[Any]],
    messages: Iterable[Sequence[Any]],
) -> Funnel:
    """The funnel from rows as `storage.funnels` gives them; ``contents`` are the versions, the newest last."""
    graphs = {version: JourneyGraph(content) for version, content in contents.items()}
    found = Funnel(steps={step: Course() for graph in graphs.values() for step in graph.ids})
    for version, node, port, day, n in _joined(days):
        _moved(found, graphs[version], graphs[version].ids[node], port, day, n)
    for version, node, n in standing:
        found.steps[graphs[version].ids[node]].here += int(n)
    for version, node, day, status, n, opened, clicked in messages:
        for tally in (*found.whole.of(day), *found.steps[graphs[version].ids[node]].of(day)):
            _sent(tally, status, n, opened, clicked)
    found.whole.here = sum(course.here for course in found.steps.values())
    if graphs:
        _name(found, list(graphs.values()))
    return found


def _joined(days: Iterable[Sequence[Any]]) -> list[Row]:
    """Each step, port and day once."""
    sums: dict[tuple[int, int, str, int], int] = {}
    for version, node, port, day, n in days:
        sums[version, node, port, day] = sums.get((version, node, port, day), 0) + int(n)
    return [(*key, n) for key, n in sorted(sums.items())]


def _moved(found: Funnel, graph: JourneyGraph, step: str, port: str, day: int, n: int) -> None:
    """One count of one step and day, in the step's own course and in the journey's."""
    node = graph.nodes.get(step)
    goal = isinstance(node, Goal)
    own, whole = found.steps[step].of(day), found.whole.of(day)
    if port == "in":
        for tally in own:
            tally.entered += n
            tally.converted += n if goal else 0
        for tally in whole:
            tally.entered += n if step in graph.triggers else 0
            tally.converted += n if goal else 0
        return
    reason = port.removeprefix("left:")
    if reason == port:
        for tally in own:
            _add(tally.moved, port, n)
        if port in graph.exits(step) or (node is not None and _passed_by(node, port)):
            return
        reason = END
    else:
        for tally in own:
            _add(tally.left, reason, n)
        if reason == "goal" and not goal:  # pulled away to the goal, which they leave by
            return
    for tally in whole:
        _add(tally.left, reason, n)


def _passed_by(node: Node, port: str) -> bool:
    """Whether nothing ends for those who took a port that leads nowhere on the canvas.

    They were sent back, or reached a goal that is only counted, where they never stood.
    """
    counted = isinstance(node, Goal) and node.listens() is not None and not node.settings.leave
    return counted or (port == "back" and node.back() is not None)


def _sent(tally: Tally, status: str, n: int, opened: int, clicked: int) -> None:
    if status in (SENT, IN_DOUBT):
        tally.sent += n
    elif status in ("skipped", "failed"):
        tally.held_back += n
    tally.opened += opened
    tally.clicked += clicked


def _name(found: Funnel, graphs: list[JourneyGraph]) -> None:
    """Titles as the newest version has them, and the main steps: coming in, every letter on its way, the goal."""
    for graph in graphs:
        found.titles |= {step: graph.nodes[step].title if step in graph.nodes else step for step in graph.ids}
    newest = graphs[-1]
    place = _distances(newest)
    letters = sorted(
        (step for graph in graphs for step, node in graph.nodes.items() if node.contents()),
        key=lambda step: (place.get(step, -1), step),
    )
    found.main = [("Came in", found.whole.total.entered)]
    found.main += [(found.titles[step], found.steps[step].total.sent) for step in dict.fromkeys(letters)]
    if any(isinstance(node, Goal) for graph in graphs for node in graph.nodes.values()):
        found.main.append(("Converted", found.whole.total.converted))


def _distances(graph: JourneyGraph) -> Mapping[str, float]:
    """How many steps each step is from where people come in."""
    return nx.multi_source_dijkstra_path_length(graph.graph, set(graph.triggers)) if graph.triggers else {}


def _add(counts: dict[str, int], key: str, n: int) -> None:
    counts[key] = counts.get(key, 0) + n


def period_start(days: int | None, now_ms: int) -> int:
    """The first day of a period of so many days that ends today; None is everything."""
    return 0 if days is None else now_ms // DAY_MS - days + 1
