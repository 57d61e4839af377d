"""Spare those who heard from us enough."""

from __future__ import annotations

from math import ceil
from typing import ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from .node import Face, Measure, Node, Port
from .slug import Slug
from .span import Span
from .step import HOUR_MS, Answers, Batch, CapNeed, Need, two_ways


class CapSettings(Span):
    max: int = Field(3, ge=0, le=10_000, title="At most", description="So many messages are enough.")
    amount: float = Field(7, gt=0, description="In the last so many of the unit.")
    unit: Literal["minutes", "hours", "days", "weeks"] = Field("days", description="hours, days or weeks.")
    channel: Slug = Field("email", description="Which messages count: those of a channel such as email, or any.")
    scope: Literal["everything", "this journey"] = Field(
        "everything", description="Whether messages of all journeys count, or only of this journey."
    )

    @field_validator("unit")
    @classmethod
    def unit_is_coarse(cls, unit: str) -> str:
        if unit == "minutes":
            raise PydanticCustomError("unit", "has to be hours, days or weeks here")
        return unit


class Cap(Node):
    kind = "cap"
    face = Face("Cap", "speed", "Gates", "Those who got enough messages lately go another way, or leave.")
    Settings = CapSettings
    measures = (Measure("Capped", "capped", "in"),)
    example: ClassVar = {"max": 2, "amount": 7, "unit": "days"}

    def step(self, batch: Batch) -> Answers:
        counts, most = batch.facts[self._need()], self.settings.max
        return two_ways(batch.rows, [row for row in batch.rows if counts[row] < most], "ok", "capped")

    def ports(self) -> tuple[Port, ...]:
        return (Port("ok", "Fine"), Port("capped", "Enough", optional=True))

    def needs(self) -> tuple[Need, ...]:
        return (self._need(),)

    def _need(self) -> CapNeed:
        s = self.settings
        return CapNeed(
            ceil(s.ms / HOUR_MS), None if s.channel == "any" else s.channel, this_journey=s.scope == "this journey"
        )

    def because(self, batch: Batch, row: int) -> str:
        s = self.settings
        return f"{batch.facts[self._need()][row]} of {s.max} in {s.words()}"

    def summary(self) -> str:
        s = self.settings
        what = "messages" if s.channel == "any" else f"{s.channel} messages"
        return f"{s.max} {what} in {s.words()}{'' if s.scope == 'everything' else ' from this journey'}"
