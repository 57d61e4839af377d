"""The way back: every letter that was, with a word for what changed it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

STEPS_BACK = 200
TOGETHER_S = 1.5  # changes of one thing this close are one step back


@dataclass(frozen=True, slots=True)
class Step:
    """What a change was called, and the letter before it."""

    label: str
    before: dict[str, Any]
    picked: str


@dataclass(slots=True)
class History:
    """Steps done and taken back by one person in one sitting."""

    done: deque[Step] = field(default_factory=lambda: deque(maxlen=STEPS_BACK))
    undone: list[Step] = field(default_factory=list)
    _joins: str = ""
    _at: float = 0.0

    def add(self, label: str, before: dict[str, Any], picked: str, joins: str = "") -> None:
        """A change was made. Those with the same ``joins`` right after each other, as typing does, are one step."""
        now = time.monotonic()
        together = bool(joins) and joins == self._joins and now - self._at < TOGETHER_S and not self.undone
        self._joins, self._at = joins, now
        self.undone.clear()
        if not (together and self.done):
            self.done.append(Step(label, before, picked))

    def back(self, now: dict[str, Any], picked: str) -> Step | None:
        """The step to take back, or None at the beginning."""
        return self._cross(self.done, self.undone, now, picked)

    def forth(self, now: dict[str, Any], picked: str) -> Step | None:
        """The step to do again."""
        return self._cross(self.undone, self.done, now, picked)

    def _cross(self, out: Any, into: Any, now: dict[str, Any], picked: str) -> Step | None:
        self._joins = ""
        if not out:
            return None
        step = out.pop()
        into.append(Step(step.label, now, picked))
        return step
