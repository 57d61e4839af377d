"""Send a letter and go on when it is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from .node import Face, Measure, Node, NodeSettings, Port, Problem
from .slug import Slug
from .step import Answer, Answers, Batch, Go, Leave, Send

if TYPE_CHECKING:
    from .graph import JourneyGraph

Otherwise = Literal["go_on", "failed", "leave"]


class EmailSettings(NodeSettings):
    letter: Slug = Field(
        description="Name of the letter, as it stands under letters.", json_schema_extra={"format": "letter"}
    )
    when_skipped: Otherwise = Field(
        "go_on",
        description="When they may not get it (no consent, a cap): go_on, take the way failed, or leave the journey.",
    )
    when_failed: Otherwise = Field(
        "go_on", description="When it could not be handed over: go_on, take the way failed, or leave the journey."
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
        return (Port("next", optional=True), Port("failed", "Failed", optional=True))

    def contents(self) -> tuple[str, ...]:
        return (self.settings.letter,)

    def problems(self, graph: JourneyGraph) -> list[Problem]:
        wanted = "failed" in (self.settings.when_skipped, self.settings.when_failed)
        connected = "failed" in graph.exits(self.id)
        if wanted and not connected:
            return [
                Problem("has nothing attached to failed; people who take it leave the journey here", self.id, "warning")
            ]
        if connected and not wanted:
            return [Problem("sends nobody to failed; set when_failed or when_skipped to failed", self.id, "warning")]
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
