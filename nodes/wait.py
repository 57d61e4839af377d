"""Let some time pass."""

from __future__ import annotations

from typing import ClassVar

from .node import Face, Node
from .span import Span
from .step import Answers, Batch, Go, Hold


class Wait(Node):
    kind = "wait"
    face = Face("Wait", "hourglass_empty", "Timing", "People rest here for a while, then go on.")
    Settings = Span
    example: ClassVar = {"amount": 2, "unit": "hours"}

    def step(self, batch: Batch) -> Answers:
        now, since, span = batch.now_ms, batch.since_ms, self.settings.ms
        over: list[int] = []
        resting: dict[int, list[int]] = {}
        for row in batch.rows:
            due = since[row] + span
            if due <= now:
                over.append(row)
            else:
                resting.setdefault(due, []).append(row)
        answers: Answers = [(Hold(due), rows) for due, rows in resting.items()]
        return [(Go("next"), over), *answers] if over else answers

    def summary(self) -> str:
        return self.settings.words()
