"""What each open page has asked for: a wish that comes again is answered again, and carried out once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_PAGES = 60  # whose last wish is remembered; one page is one load of the editor
MOST_ANSWERS = 400

AGAIN, NEXT, GAP = "again", "next", "gap"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which wish of a page this is. ``oldest`` is the first one the page still waits for."""

    page: str
    seq: int
    oldest: int


class Heard:
    """The last wish of each page of one journey. It outlives the room, and is stored beside the draft."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._last = OrderedDict((key, seq) for key, seq in (known or {}).items() if isinstance(seq, int))
        self._answers: OrderedDict[tuple[str, int], Any] = OrderedDict()

    def place(self, person: int, wish: Wish) -> str:
        """Whether this is the next one, one that was carried out already, or one before which another is missing."""
        last = self._last.get(_key(person, wish), 0)
        if wish.seq <= last:
            return AGAIN
        return NEXT if wish.seq == last + 1 or wish.seq == wish.oldest else GAP

    def answer(self, person: int, wish: Wish) -> Any:
        """What was answered then; None once that is forgotten."""
        return self._answers.get((_key(person, wish), wish.seq))

    def note(self, person: int, wish: Wish, answer: Any) -> None:
        """This one has been answered."""
        key = _key(person, wish)
        self._last[key] = wish.seq
        self._last.move_to_end(key)
        self._answers[key, wish.seq] = answer
        while len(self._last) > MOST_PAGES:
            self._last.popitem(last=False)
        while len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)

    def marks(self) -> dict[str, int]:
        """As it is stored."""
        return dict(self._last)


def _key(person: int, wish: Wish) -> str:
    return f"{person}:{wish.page}"
