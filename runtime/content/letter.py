"""A letter: compiled once from MJML and Jinja, rendered for one contact at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong in a letter, and where: line and column count from 1; 0 when the place is not known."""

    line: int
    column: int
    text: str


class LetterProblem(Exception):
    """The letter cannot be used as it is; each issue says where and why."""

    def __init__(self, issues: list[Issue]) -> None:
        self.issues = issues
        super().__init__(" ".join(f"Line {issue.line}: {issue.text}" for issue in issues))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter for one contact. ``missing`` are the names it asked for and nobody knew."""

    subject: str
    html: str
    text: str
    preheader: str = ""
    missing: tuple[str, ...] = ()


_plain = ImmutableSandboxedEnvironment()


@dataclass(frozen=True, slots=True)
class Letter:
    """A compiled letter."""

    source: dict[str, Any]


def compile_letter(letter: Mapping[str, Any], marketing: bool = True) -> Letter:
    return Letter(dict(letter))


def render(letter: Letter, data: Mapping[str, Any], links: Any = None, message_id: int = 0) -> Rendered:
    text = _plain.from_string(str(letter.source.get("text") or letter.source.get("mjml") or "")).render(data)
    subject = _plain.from_string(str(letter.source.get("subject") or "")).render(data)
    return Rendered(" ".join(subject.split()), text, text)
