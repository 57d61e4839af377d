"""The settings every step that sends has: what happens when the message does not go, and which form is tried then."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from .node import NodeSettings
from .slug import Slug

Otherwise = Literal["go_on", "failed", "leave"]
WAYS = {"go_on": "go on", "failed": "take the way “Failed”", "leave": "leave the journey"}
WORDS: JsonDict = {"words": {**WAYS}}
CAPPED_WORDS: JsonDict = {"words": {"policy": "as the policy says", **WAYS}}
CHAIN: list[Any] = ["instead", "ways"]  # shown on a form beside one of these alone
INSTEAD_WORDS: JsonDict = {
    "shown_with": CHAIN,
    "words": {"policy": "as the policy says", "chosen": "in the cases chosen here", "never": "never"},
}
Cause = Literal["failed", "blocked", "no_address", "no_consent", "capped", "expired", "unopened"]
CAUSE_WORDS: JsonDict = {
    "shown_with": CHAIN,
    "shown_at": ["instead_when", "chosen"],
    "words": {
        "failed": "it cannot be delivered",
        "blocked": "their address is blocked",
        "no_address": "they have no address for it",
        "no_consent": "they have not agreed to it",
        "capped": "they got enough messages",
        "expired": "it waited too long",
        "unopened": "it was not opened",
    },
}
LONGEST_HOURS = 24 * 365


class Way(NodeSettings):
    """Another form of the same message."""

    channel: Slug = Field(description="The channel, by its name as it stands in the message.")
    message: Slug = Field(
        description="The message, by its name among the journey's letters.", json_schema_extra={"format": "letter"}
    )


class Outcomes(NodeSettings):
    """Where people go when no form of the message went."""

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
    when_capped: Literal["policy", "go_on", "failed", "leave"] = Field(
        "policy",
        title="If they got enough",
        description="A cap kept it back: what the cap says happens, or this.",
        json_schema_extra=CAPPED_WORDS,
    )


class Others(NodeSettings):
    """Other forms of the message."""

    instead: tuple[Way, ...] = Field(
        (),
        max_length=9,
        title="Else by",
        description="Other forms of the same message, tried once each, in this order.",
        json_schema_extra={"format": "ways"},
    )


class Chain(NodeSettings):
    """When the next form is tried."""

    instead_when: Literal["policy", "chosen", "never"] = Field(
        "policy",
        title="Try the next one",
        description="When the next form is tried.",
        json_schema_extra=INSTEAD_WORDS,
    )
    causes: tuple[Cause, ...] = Field(
        (),
        max_length=7,
        title="The cases",
        description="When the next form is tried, if that is chosen here.",
        json_schema_extra=CAUSE_WORDS,
    )
    unopened_after: float | None = Field(
        None,
        gt=0,
        le=LONGEST_HOURS,
        title="Hours until it counts as unopened",
        description="The next form is also tried when nobody opened it (or followed a link in it) so many hours after "
        "it was sent; people wait here until then. Empty: as the policy says.",
        json_schema_extra={"shown_with": CHAIN},
    )

    @model_validator(mode="after")
    def the_cases_are_named(self) -> Chain:
        if self.instead_when == "chosen" and not self.causes and self.unopened_after is None:
            raise PydanticCustomError("causes", "needs at least one case in which the next form is tried")
        return self


class SendingSettings(Chain, Others, Outcomes):
    """All of them, in the order of a form."""
