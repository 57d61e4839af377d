"""What each person may take back or do again in an open journey, and who has come in between."""

from __future__ import annotations

from collections.abc import Iterable

from . import parts
from .document import Document
from .history import Change, History, Part, moved_since
from .intents import Refused

DONE = {True: "done again", False: "undone"}


class WaysBack:
    """The histories of everybody in one room. ``forward`` means doing again."""

    def __init__(self) -> None:
        self._histories: dict[int, History] = {}
        self._last_hand: dict[Part, str] = {}  # who touched a part last

    def keep(self, person: int, change: Change, may_join: bool) -> None:
        """Something was done that this person may take back."""
        self._histories.setdefault(person, History()).add(change, may_join)

    def touched(self, changed: Iterable[Part], by: str) -> None:
        """These parts were last changed by somebody called this."""
        for part in changed:
            self._last_hand[part] = by

    def open_to(self, person: int) -> dict[str, bool]:
        """Whether this person has anything to undo, and to do again."""
        history = self._histories.get(person)
        return {"undo": bool(history and history.done), "redo": bool(history and history.undone)}

    def next(self, person: int, forward: bool, document: Document) -> Change:
        """The change that is next to go. Raises `Refused` when there is none or somebody came in between."""
        history = self._histories.get(person, History())
        if not (history.undone if forward else history.done):
            raise Refused("There is nothing of yours to do again." if forward else "There is nothing of yours to undo.")
        change = history.undone[-1] if forward else history.done[-1]
        now = {part: parts.part_of(document.content, part) for part in change.parts}
        if (part := moved_since(change, forward, now)) is not None:
            who = self._last_hand.get(part, "somebody")
            raise Refused(
                f"“{change.label}” cannot be {DONE[forward]}: {who} has changed {_words(part, document)} since."
            )
        return change

    def went(self, person: int, forward: bool) -> None:
        """The next change was carried out."""
        history = self._histories[person]
        if forward:
            history.done.append(history.undone.pop())
        else:
            history.undone.append(history.done.pop())

    def clear(self) -> None:
        """Nothing can be taken back any more."""
        self._histories.clear()


def _words(part: Part, document: Document) -> str:
    match part:
        case ("step" | "at", key):
            return f"“{document.title_of(key)}”" if key in document.content["nodes"] else "that step"
        case ("edge", key, _):
            return f"where “{document.title_of(key)}” leads" if key in document.content["nodes"] else "that edge"
        case ("letter", name):
            return f"the letter {name}"
        case ("note", _):
            return "that note"
        case (_, name):
            return f"the {name} of the journey"
    return "the same"
