"""What keeps a letter that comes from elsewhere from being sent as it is: said when it comes, not when it should go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..content.issues import Issue, LetterProblem, NotCompiledNow
from ..content.letter import compile_letter
from ..governance.letter_words import block_named

MEND = "It is kept, but cannot be sent before this is mended; the studio shows where:"


def of(source: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Each fault as a sentence with its line or block."""
    if kind == "block":
        block = {"id": "b1", "kind": source.get("kind"), "settings": source.get("settings") or {}}
        source = {"subject": "A shared block", "blocks": [block]}
    try:
        compile_letter(source)
    except NotCompiledNow:
        return
    except LetterProblem as problem:
        for issue in problem.issues:
            yield _said(issue, source)


def _said(issue: Issue, source: Mapping[str, Any]) -> str:
    block = block_named(source, issue.block) if issue.block else ""
    place = f"Block “{block}”: " if block else f"Line {issue.line}: " if issue.line else ""
    language = f"In {issue.language}: " if issue.language else ""
    return f"{language}{place}{issue.text}"
