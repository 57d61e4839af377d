"""The letters of a trial as their reader would see them; nothing in them is counted or followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .content.brand import Brand
from .content.drafted import compile_message, fill_message, source_of
from .content.letter import BrokenLetter, LetterProblem
from .content.rendered import Rendered
from .trial import Posted

NOWHERE = "#unsubscribe"  # nobody is unsubscribed by a trial


@dataclass(frozen=True, slots=True)
class Shown:
    """A filled letter, or why it cannot be filled."""

    rendered: Rendered | None
    problem: str = ""


def show(content: Mapping[str, Any], posted: Posted, brand: Brand) -> Shown:
    """The letter of one step, from the draft as it is."""
    source = source_of(content, posted.letter, posted.channel)
    if source is None:
        return Shown(None, f"The draft has no letter “{posted.letter}”.")
    data = {
        **posted.filling.words(),
        "journey": {"name": content.get("name"), "title": content.get("title")},
        "brand": brand.words(),
        "unsubscribe_url": NOWHERE,
    }
    try:
        marketing = content.get("message_type") != "transactional"
        return Shown(fill_message(compile_message(source, marketing), data))
    except LetterProblem as problem:
        return Shown(None, " ".join(issue.text for issue in problem.issues))
    except BrokenLetter as problem:
        return Shown(None, str(problem))
