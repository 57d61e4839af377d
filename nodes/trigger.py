"""What all triggers share: they open the journey, may be re-entered, and send everyone on at once."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from .node import Node, NodeSettings, Reentry
from .rule import Rule
from .step import Answers, Batch, Go

AGAIN: JsonDict = {"words": {"once": "only once", "always": "at any time", "after": "after some days"}}


class TriggerSettings(NodeSettings):
    """Who may come in, and who again."""

    reentry: Literal["once", "always", "after"] = Field(
        "always",
        title="Coming in again",
        description="Who came in before may come in again never, at any time, or after some days.",
        json_schema_extra=AGAIN,
    )
    reentry_days: float = Field(
        30,
        gt=0,
        le=3650,
        title="Days between",
        description="Where they may after some days: how many since they last came in.",
    )

    def again(self) -> Reentry:
        return Reentry(self.reentry, self.reentry_days if self.reentry == "after" else 0)


class RuledTriggerSettings(TriggerSettings):
    """A trigger only for contacts whose profile meets a rule."""

    rule: Rule | None = Field(
        None,
        description="Only contacts whose profile meets this rule; it may ask for properties alone.",
        json_schema_extra={"format": "profile"},
    )

    @field_validator("rule")
    @classmethod
    def rule_reads_the_profile_alone(cls, rule: Rule | None) -> Rule | None:
        if rule is not None and not rule.profile_only:
            raise PydanticCustomError(
                "rule", "may only test properties of the profile here; put a branch behind the trigger for the rest"
            )
        return rule


class Trigger(Node):
    """A node that people start from."""

    Settings: ClassVar[type[NodeSettings]] = TriggerSettings

    def step(self, batch: Batch) -> Answers:
        return [(Go("next"), batch.rows)]
