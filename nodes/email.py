"""Send a letter and go on when it is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field
from pydantic.config import JsonDict

from .node import Face, Measure, Node, NodeSettings, Port, Problem
from .slug import Slug
from .step import Answer, Answers, Batch, Go, Leave, Send

if TYPE_CHECKING:
    from .graph import JourneyGraph

Otherwise = Literal["go_on", "failed", "leave"]
WORDS: JsonDict = {"words": {"go_on": "go on", "failed": "take the way “Failed”", "leave": "leave the journey"}}


class EmailSettings(NodeSettings):
    letter: Slug = Field(description="The letter to send, by its name.", json_schema_extra={"format": "letter"})
    when_skipped: Otherwise = Field(
        "go_on",
        title="If they may not get it",
        description="They unsubscribed, or have no address: they go on, take the way “Failed”, or leave the journey.",
        json_schema_extra=WORDS,
    )
    when_failed: Otherwise = Field(
        "go_on",
        title="If it cannot be delivered",
        description="No server took it: they go on, take the way “Failed”, or leave the journey.",
        json_schema_extra=WORDS,
    )


class Email(Node):
    kind = "email"
    face = Face("E-mail", "mail", "Channels", "Sends a letter; people go on when it was handed over.")
    Settings = EmailSettings
    measures = (
        Measure("Sent", "sent", "in"),
        Measure("Opened", "opened", "sent"),
        Measure("Clicked", "clicked", "sent"),
    )
    example: ClassVar = {"letter": "reminder", "when_skipped": "leave"}

    def step(self, batch: Batch) -> Answers:
        outcome, rows = batch.outcome, batch.rows
        if not outcome:
            return [(self._answer(None), rows)]
        found = dict.fromkeys(outcome[row] for row in rows)
        return [(self._answer(one), [row for row in rows if outcome[row] == one]) for one in found]

    def ports(self) -> tuple[Port, ...]:
        return (Port("next", "Goes on", optional=True), Port("failed", "Failed", optional=True))

    def contents(self) -> tuple[str, ...]:
        return (self.settings.letter,)

    def problems(self, graph: JourneyGraph) -> list[Problem]:
        wanted = "failed" in (self.settings.when_skipped, self.settings.when_failed)
        connected = "failed" in graph.exits(self.id)
        if wanted and not connected:
            return [
                Problem(
                    "nothing is attached to “Failed”; people who take it leave the journey here", self.id, "warning"
                )
            ]
        if connected and not wanted:
            return [
                Problem(
                    "nobody takes the way “Failed”; choose it in the settings, or take the edge away",
                    self.id,
                    "warning",
                )
            ]
        return []

    def _answer(self, outcome: str | None) -> Answer:
        if outcome is None:
            return Send("email", self.settings.letter)
        if outcome == "sent":
            return Go("next")
        otherwise = self.settings.when_failed if outcome == "failed" else self.settings.when_skipped
        if otherwise == "leave":
            return Leave(outcome)
        return Go("next" if otherwise == "go_on" else "failed")

    def summary(self) -> str:
        return self.settings.letter
