"""What is wrong with a journey as a whole, its letters included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ..content.drafted import compile_message, source_of
from ..content.issues import Issue
from ..content.letter import LetterProblem


class JourneyHasProblems(Exception):
    """The journey has problems that keep it from running; mend them and publish again."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.text for problem in problems))


def problems(content: dict[str, Any]) -> list[Problem]:
    """Everything wrong with a journey, its letters included; errors keep it from being published."""
    graph = JourneyGraph(content)
    found = graph.problems()
    for name, letter in (content.get("letters") or {}).items():
        found += [in_letter(name, issue) for issue in _issues(letter)]
    return [*found, *in_steps(graph)]


def in_steps(graph: JourneyGraph) -> list[Problem]:
    """What is wrong with messages that stand in the settings of the steps that send them."""
    found: list[Problem] = []
    for key, node in graph.nodes.items():
        channel = next(iter(node.channels()), "")
        source = source_of(graph.content, f"@{key}", channel) if channel and not node.contents() else None
        found += [Problem(f"{key}: {issue.text}", key) for issue in (_issues(source) if source else ())]
    return found


def _issues(source: Mapping[str, Any]) -> Sequence[Issue]:
    try:
        compile_message(source)
    except LetterProblem as error:
        return error.issues
    return ()


def in_letter(name: str, issue: Issue) -> Problem:
    """A fault of a letter as a problem of its journey."""
    line = f", line {issue.line}" if issue.line else ""
    return Problem(f"Letter “{name}”{line}: {issue.text}", letter=name)


def refuse_errors(content: dict[str, Any]) -> None:
    """Raise JourneyHasProblems with every error."""
    errors = [problem for problem in problems(content) if problem.severity == "error"]
    if errors:
        raise JourneyHasProblems(errors)
