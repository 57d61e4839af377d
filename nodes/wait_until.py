"""Wait for something to happen, but not forever."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .comparison import NAME, Where
from .node import Face, Measure, Node, Port
from .span import Span
from .step import Answers, Batch, EventNeed, Go, Hold, Need


class WaitUntilSettings(Span):
    event: str = Field(
        min_length=1,
        max_length=NAME,
        description="Name of the event to wait for.",
        json_schema_extra={"format": "event"},
    )
    where: Where = Field((), description="Only events whose properties pass all of these tests.")


class WaitUntil(Node):
    kind = "wait_until"
    face = Face("Wait until", "hourglass_top", "Timing", "People rest here until they do something, or time is up.")
    Settings = WaitUntilSettings
    measures = (Measure("Happened", "happened", "in"),)
    example: ClassVar = {"event": "purchased", "amount": 3, "unit": "days"}

    def step(self, batch: Batch) -> Answers:
        now, since, span = batch.now_ms, batch.since_ms, self.settings.ms
        done = batch.facts[self._need()]
        happened: list[int] = []
        late: list[int] = []
        resting: dict[int, list[int]] = {}
        for row in batch.rows:
            due = since[row] + span
            if done[row]:
                happened.append(row)
            elif due <= now:
                late.append(row)
            else:
                resting.setdefault(due, []).append(row)
        moved: Answers = [(Go(port), rows) for port, rows in (("happened", happened), ("timed_out", late)) if rows]
        return [*moved, *((Hold(due, self.settings.event), rows) for due, rows in resting.items())]

    def ports(self) -> tuple[Port, ...]:
        return (Port("happened", "Happened"), Port("timed_out", "Time is up"))

    def needs(self) -> tuple[Need, ...]:
        return (self._need(),)

    def _need(self) -> EventNeed:
        where = tuple(each.condition() for each in self.settings.where)
        return EventNeed(self.settings.event, where, since="arrived")

    def because(self, batch: Batch, row: int) -> str:
        s = self.settings
        if batch.facts[self._need()][row]:
            return f"“{s.event}” happened"
        return f"“{s.event}” did not happen in {s.words()}" if batch.now_ms >= batch.since_ms[row] + s.ms else ""

    def summary(self) -> str:
        return f"{self.settings.event}, at most {self.settings.words()}"
