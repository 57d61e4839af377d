"""What is wrong in a letter, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault. Line and column count from 1; 0 when the place is not known.

    ``block`` is the id of the block it stands in, ``language`` the one it stands in, "" for the letter's own.
    """

    line: int
    column: int
    text: str
    block: str = ""
    language: str = ""


class LetterProblem(Exception):
    """The letter cannot be used as it is; each issue says where and why."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = list(issues)
        super().__init__(" ".join(f"Line {one.line}: {one.text}" if one.line else one.text for one in self.issues))


class NotCompiledNow(LetterProblem):
    """The engine did not get through the letter this time, which may be the letter's fault or the machine's."""
