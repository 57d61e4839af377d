"""Start when a contact does something."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .comparison import NAME, Where
from .node import Face, OnEvent
from .trigger import AGAIN, RuledTriggerSettings, Trigger


class EventTriggerSettings(RuledTriggerSettings):
    event: str = Field(
        min_length=1,
        max_length=NAME,
        description="Name of the event that starts the journey.",
        json_schema_extra={"format": "event"},
    )
    where: Where = Field((), description="Only events whose properties pass all of these tests.")
    reentry: Literal["once", "always", "after"] = Field(
        "once",
        title="Coming in again",
        description="Who came in before may come in again never, at any time, or after some days.",
        json_schema_extra=AGAIN,
    )
    backfill_days: float = Field(
        0,
        ge=0,
        le=3650,
        title="Look back, days",
        description="On publishing, also take in those who did it in the last so many days; 0 is off.",
    )


class EventTrigger(Trigger):
    kind = "trigger_event"
    face = Face("Event", "bolt", "Triggers", "People start when they do something, such as adding to a cart.")
    Settings = EventTriggerSettings
    example: ClassVar = {"event": "added_to_cart", "where": [{"property": "total", "op": "at_least", "value": 20}]}

    def entry(self) -> OnEvent:
        settings = self.settings
        where = tuple(each.condition() for each in settings.where)
        return OnEvent(settings.event, where, settings.rule, settings.again(), settings.backfill_days)

    def summary(self) -> str:
        tests = " and ".join(each.words() for each in self.settings.where)
        return f"{self.settings.event} where {tests}" if tests else self.settings.event
