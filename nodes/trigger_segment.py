"""Start when somebody comes into a segment, or goes out of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .comparison import NAME
from .node import Face, OnEvent
from .step import Condition
from .trigger import RuledTriggerSettings, Trigger

EVENTS = {"joins": "joined_segment", "leaves": "left_segment"}


class SegmentTriggerSettings(RuledTriggerSettings):
    segment: str = Field(
        min_length=1, max_length=NAME, description="Which segment.", json_schema_extra={"format": "segment"}
    )
    on: Literal["joins", "leaves"] = Field(
        "joins",
        title="When somebody",
        description="Whether people start when they come into the segment, or when they go out of it.",
        json_schema_extra={"words": {"joins": "comes into it", "leaves": "goes out of it"}},
    )


class SegmentTrigger(Trigger):
    kind = "trigger_segment"
    face = Face("Segment", "group_add", "Triggers", "People start when they come into a segment, or go out of it.")
    Settings = SegmentTriggerSettings
    example: ClassVar = {"segment": "at_risk", "on": "joins", "reentry": "after", "reentry_days": 30}

    def entry(self) -> OnEvent:
        settings = self.settings
        where = (Condition("segment", "equals", settings.segment),)
        return OnEvent(EVENTS[settings.on], where, settings.rule, settings.again())

    def summary(self) -> str:
        return f"{self.settings.on} the segment {self.settings.segment}"
