"""Let some time pass."""

from __future__ import annotations

from typing import ClassVar

from .node import Face, Node
from .span import Span
from .step import Answers, Batch, Go, after_rest


class Wait(Node):
    kind = "wait"
    face = Face("Wait", "hourglass_empty", "Timing", "People rest here for a while, then go on.")
    Settings = Span
    example: ClassVar = {"amount": 2, "unit": "hours"}

    def step(self, batch: Batch) -> Answers:
        return after_rest(batch, self.settings.ms, Go("next"))

    def summary(self) -> str:
        return self.settings.words()
