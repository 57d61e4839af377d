"""What is wrong with a journey as a whole, its letters included."""

from __future__ import annotations

from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ..content.issues import Issue
from ..content.letter import LetterProblem, compile_letter


class JourneyHasProblems(Exception):
    """The journey has problems that keep it from running; mend them and publish again."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.text for problem in problems))


def problems(content: dict[str, Any]) -> list[Problem]:
    """Everything wrong with a journey, its letters included; errors keep it from being published."""
    found = JourneyGraph(content).problems()
    for name, letter in (content.get("letters") or {}).items():
        try:
            compile_letter(letter)
        except LetterProblem as error:
            found += [in_letter(name, issue) for issue in error.issues]
    return found


def in_letter(name: str, issue: Issue) -> Problem:
    """A fault of a letter as a problem of its journey."""
    line = f", line {issue.line}" if issue.line else ""
    return Problem(f"Letter “{name}”{line}: {issue.text}", letter=name)


def refuse_errors(content: dict[str, Any]) -> None:
    """Raise JourneyHasProblems with every error."""
    errors = [problem for problem in problems(content) if problem.severity == "error"]
    if errors:
        raise JourneyHasProblems(errors)
