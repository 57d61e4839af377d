"""What the journey is for: who reaches it, on the path or by an event, is counted as converted."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .comparison import NAME, Where
from .node import Face, Listen, Measure, Node, NodeSettings, Port
from .step import Answers, Batch, Go, Leave


class GoalSettings(NodeSettings):
    event: str | None = Field(
        None,
        min_length=1,
        max_length=NAME,
        description="Reached by this event, wherever in the journey people are.",
        json_schema_extra={"format": "event"},
    )
    where: Where = Field((), description="Only events whose properties pass all of these tests.")
    leave: bool = Field(True, title="They leave", description="Whether people leave the journey when they reach it.")

    @model_validator(mode="after")
    def where_tests_an_event(self) -> GoalSettings:
        if self.where and self.event is None:
            raise PydanticCustomError("goal", "has conditions without an event to test; name the event")
        return self


class Goal(Node):
    kind = "goal"
    face = Face("Goal", "flag", "Logic", "What the journey is for; who gets here is counted as converted.")
    Settings = GoalSettings
    measures = (Measure("Converted", "in", "entered"),)
    example: ClassVar = {"event": "purchased", "where": [{"property": "total", "op": "more_than", "value": 0}]}

    def step(self, batch: Batch) -> Answers:
        return [(Leave("goal", converted=True) if self.settings.leave else Go("next", converted=True), batch.rows)]

    def ports(self) -> tuple[Port, ...]:
        return () if self.settings.leave else (Port("next", optional=True),)

    def listens(self) -> Listen | None:
        s = self.settings
        return Listen(s.event, tuple(each.condition() for each in s.where), s.leave) if s.event else None

    def summary(self) -> str:
        tests = " and ".join(each.words() for each in self.settings.where)
        return f"{self.settings.event} where {tests}" if tests else self.settings.event or "reached on the path"
