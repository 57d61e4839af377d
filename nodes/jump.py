"""The one way back: after a while, people go on at a step they may have been at before."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .node import Face, Node, Port, Problem
from .slug import Slug
from .span import Span
from .step import HOUR_MS, Answers, Back, Batch, after_rest

if TYPE_CHECKING:
    from .graph import JourneyGraph

LEAST_HOURS = 1


class JumpSettings(Span):
    to: Slug = Field(title="Go on at", description="The step where people go on.", json_schema_extra={"format": "step"})

    @model_validator(mode="after")
    def takes_its_time(self) -> JumpSettings:
        if self.ms < LEAST_HOURS * HOUR_MS:
            raise PydanticCustomError("jump", "has to let at least one hour pass before people are back")
        return self


class Jump(Node):
    kind = "jump"
    face = Face("Jump", "u_turn_left", "Logic", "After a while people go on at another step, also one further back.")
    Settings = JumpSettings
    example: ClassVar = {"to": "reminder", "amount": 7, "unit": "days"}

    def step(self, batch: Batch) -> Answers:
        return after_rest(batch, self.settings.ms, Back(self.settings.to))

    def ports(self) -> tuple[Port, ...]:
        return ()

    def back(self) -> str | None:
        return self.settings.to

    def problems(self, graph: JourneyGraph) -> list[Problem]:
        to = self.settings.to
        if to == self.id:
            return [Problem("leads to itself; choose another step", self.id)]
        if to not in graph.ids:
            return [Problem(f"leads to “{to}”, which does not exist; choose a step", self.id)]
        if to in graph.triggers:
            into = graph.title_of(to)
            return [
                Problem(f"leads to the trigger “{into}”; people only come in by it, so choose a later step", self.id)
            ]
        return []

    def summary(self) -> str:
        return f"{self.settings.to}, after {self.settings.words()}"
