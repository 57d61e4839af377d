"""Whatever a journey's messages are written for: compiled and filled by one door, a letter like a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..channels.channel import media
from .forms import Compiled, compile_form, fill_form, medium_of
from .issues import Issue, LetterProblem
from .letter import Letter, compile_letter, render
from .links import Links
from .rendered import Rendered


def compile_message(source: Mapping[str, Any], marketing: bool = True) -> Letter | Compiled:
    """An entry among a journey's letters, compiled. Raises `LetterProblem` with everything wrong with it."""
    medium = medium_of(source)
    if medium == "email":
        return compile_letter(source, marketing=marketing)
    known = media().get(medium)
    if known is None:
        raise LetterProblem([Issue(0, 0, f"There is no channel “{medium}” here.")])
    return compile_form(source, known)


def fill_message(
    message: Letter | Compiled,
    data: Mapping[str, Any],
    links: Links | None = None,
    message_id: int = 0,
    for_the_wire: bool = False,
) -> Rendered:
    """A message for one contact; a letter ``for_the_wire`` as bytes, where it can be. Raises `BrokenLetter`."""
    if isinstance(message, Compiled):
        return fill_form(message, data, links, message_id)
    return render(message, data, links, message_id, for_the_wire)


def source_of(content: Mapping[str, Any], name: str, medium: str) -> dict[str, Any] | None:
    """What a step sends, as it stands in a version: an entry among its letters, or ("@" and the step) its settings."""
    if not name.startswith("@"):
        source = (content.get("letters") or {}).get(name)
        return source if isinstance(source, dict) else None
    node, known = (content.get("nodes") or {}).get(name[1:]), media().get(medium)
    if not isinstance(node, dict) or known is None:
        return None
    settings = node.get("settings") or {}
    return {"medium": medium, **{key: settings[key] for key in known.form.model_fields if key in settings}}
