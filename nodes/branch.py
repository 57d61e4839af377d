"""Two ways: those who meet a rule, and everyone else."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .evidence import evidence
from .node import Face, Measure, Node, NodeSettings, Port
from .rule import Rule
from .step import Answers, Batch, Need, two_ways


class BranchSettings(NodeSettings):
    rule: Rule = Field(description="Who takes the way “Yes”; everyone else takes “No”.")


class Branch(Node):
    kind = "branch"
    face = Face("Branch", "call_split", "Logic", "Those who meet a rule go one way, everyone else the other.")
    Settings = BranchSettings
    measures = (Measure("Yes", "yes", "in"),)
    example: ClassVar = {
        "rule": {"all": [{"property": "country", "value": "CZ"}, {"event": "purchased", "did": False, "days": 30}]}
    }

    def step(self, batch: Batch) -> Answers:
        return two_ways(batch.rows, self.settings.rule.choose(batch), "yes", "no")

    def ports(self) -> tuple[Port, ...]:
        return (Port("yes", "Yes"), Port("no", "No"))

    def needs(self) -> tuple[Need, ...]:
        return self.settings.rule.needs()

    def because(self, batch: Batch, row: int) -> str:
        return evidence(self.settings.rule, batch, row)

    def summary(self) -> str:
        return self.settings.rule.words()
