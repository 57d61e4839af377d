"""What is wrong with a journey as a whole, its letters included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...storage.database import Tx
from ..content.checking.finding import Finding
from ..content.checking.looking import BROKEN
from ..content.checking.of_journey import errors_of, findings_of
from ..content.drafted import source_of
from ..content.issues import Issue
from ..content.proof import PROOFS, is_marketing
from .letter_words import block_named


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
        found += [in_letter(name, issue, letter) for issue in PROOFS.issues(letter, is_marketing(content))]
    for name, errors in errors_of(content).items():
        found += [_told(name, error) for error in errors if error.code != BROKEN]  # which are among the issues
    return [*found, *in_steps(graph)]


def in_steps(graph: JourneyGraph) -> list[Problem]:
    """What is wrong with messages that stand in the settings of the steps that send them."""
    found: list[Problem] = []
    for key, node in graph.nodes.items():
        channel = next(iter(node.channels()), "")
        source = source_of(graph.content, f"@{key}", channel) if channel and not node.contents() else None
        found += [Problem(f"{key}: {issue.text}", key) for issue in (PROOFS.issues(source, True) if source else ())]
    return found


def in_letter(name: str, issue: Issue, letter: Mapping[str, Any]) -> Problem:
    """A fault of a letter as a problem of its journey: by block where it is made of blocks, else by line."""
    block = block_named(letter, issue.block) if issue.block else ""
    place = f", block “{block}”" if block else f", line {issue.line}" if issue.line else ""
    language = f", in {issue.language}" if issue.language else ""
    return Problem(f"Letter “{name}”{place}{language}: {issue.text}", letter=name)


def _told(name: str, finding: Finding) -> Problem:
    """What was found in a letter as a problem of its journey."""
    line = f", line {finding.line}" if finding.line else ""
    return Problem(f"Letter “{name}”{line}: {finding.sentence} {finding.fix}".rstrip(), letter=name)


def refuse_errors(tx: Tx, content: dict[str, Any], now_ms: int) -> None:
    """Raise JourneyHasProblems with every error, also those that only show on people or at the other end of a link."""
    errors = [problem for problem in problems(content) if problem.severity == "error"]
    for name, found in findings_of(tx, content, now_ms).items():
        errors += [_told(name, one) for one in found if one.severity == "error" and one.code != BROKEN]
    errors = list(dict.fromkeys(errors))
    if errors:
        raise JourneyHasProblems(errors)
