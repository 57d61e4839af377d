"""What was changed, part by part, and each person's own way back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STEPS_BACK = 200  # each person's
TOGETHER_S = 1.5  # changes of the same things by the same hand this close are one step back

Part = tuple[
    str, ...
]  # ("step", id), ("at", id), ("edge", source, port), ("note", id), ("letter", name), ("field", name)


@dataclass(slots=True)
class Change:
    """One step: each touched part with its value before and after; None is "not there"."""

    label: str
    parts: dict[Part, tuple[Any, Any]] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)

    def set(self, part: Part, before: Any, after: Any) -> None:
        """Note a change of one part; a later one of the same part goes on from where it was."""
        first = self.parts[part][0] if part in self.parts else before
        if first == after:
            self.parts.pop(part, None)
        else:
            self.parts[part] = (first, after)

    def values(self, forward: bool) -> dict[Part, Any]:
        """What the parts become."""
        return {part: pair[1 if forward else 0] for part, pair in self.parts.items()}

    def takes(self, later: Change) -> bool:
        """Whether ``later`` only goes on with this one, as typing and pushing do; aligning and tidying up do not."""
        placed = all(part[0] == "at" for part in self.parts)
        return (
            not (placed and self.label != later.label)
            and later.at - self.at < TOGETHER_S
            and self.parts.keys() == later.parts.keys()
            and all(self.parts[part][1] == before for part, (before, _) in later.parts.items())
        )


@dataclass(slots=True)
class History:
    """The steps one person can take back, and those they took back."""

    done: deque[Change] = field(default_factory=lambda: deque(maxlen=STEPS_BACK))
    undone: list[Change] = field(default_factory=list)

    def add(self, change: Change, may_join: bool) -> None:
        """A new step; what was taken back before is forgotten."""
        self.undone.clear()
        if may_join and self.done and self.done[-1].takes(change):
            last = self.done[-1]
            last.parts = {part: (last.parts[part][0], after) for part, (_, after) in change.parts.items()}
            last.parts = {part: pair for part, pair in last.parts.items() if pair[0] != pair[1]}
            last.at = change.at
            if not last.parts:
                self.done.pop()
        else:
            self.done.append(change)


def moved_since(change: Change, forward: bool, now: Mapping[Part, Any]) -> Part | None:
    """The first part that is no longer as this person left it, so that going back would undo somebody else's work."""
    for part, pair in change.parts.items():
        if now.get(part) != pair[0 if forward else 1]:
            return part
    return None
