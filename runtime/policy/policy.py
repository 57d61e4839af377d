"""The owner's policy as data: caps, hours, cool-downs, behaviour, expiry, fallback, brake, groups and priorities."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from ...nodes.slug import Slug
from .lengths import HOUR_MS, Length, Share
from .policy_parts import (
    CLASSES,
    MOST,
    Allowance,
    Cap,
    Channels,
    Class,
    Hours,
    Once,
    Part,
    QuietHours,
    When,
    Word,
    WorkingHours,
)

__all__ = [
    "CLASSES",
    "NOTHING_SET",
    "Allowance",
    "Behaviour",
    "Brake",
    "Cap",
    "Class",
    "Expiry",
    "Fallback",
    "Group",
    "Hours",
    "Policy",
    "Priority",
    "QuietHours",
    "WorkingHours",
]


class Behaviour(Part):
    """What people did that makes us hold back. Messages that are owed to them go on."""

    after_complaint: Length = Field(48 * HOUR_MS, description="So long no marketing after a complaint.")
    after_negative_reply: Length = Field(48 * HOUR_MS, description="So long no marketing after an angry answer.")
    after_bounce: Length = Field(24 * HOUR_MS, description="So long nothing on the channel after it bounced.")
    complaint_events: Annotated[list[Word], Once] = Field(
        default_factory=lambda: ["complaint"], max_length=MOST, description="Events that are a complaint too."
    )
    complaint_withdraws: StrictBool = Field(
        True, description="Whether a complaint about an e-mail also withdraws the consent to marketing by e-mail."
    )
    negative_words: Annotated[list[Word], Once] = Field(
        default_factory=list, max_length=500, description="Words of yours that make an answer an angry one."
    )
    negative_reply_events: Annotated[list[Word], Once] = Field(
        default_factory=lambda: ["negative_reply"], max_length=MOST, description="Events that are an angry answer too."
    )


class Expiry(Part):
    """How long a message may wait before it is out of date, by class."""

    transactional: Length = Field(72 * HOUR_MS, description="Of what is owed to them.")
    automation: Length = Field(72 * HOUR_MS, description="Of what answers something they did.")
    lifecycle: Length = Field(72 * HOUR_MS, description="Of what a segment brings.")
    promo: Length = Field(72 * HOUR_MS, description="Of campaigns.")

    def of(self, rank: int) -> int:
        """Milliseconds a message of this rank may wait."""
        return getattr(self, CLASSES[rank])


class Fallback(Part):
    """Which channel comes next where one does not reach somebody."""

    order: dict[Slug, Channels] = Field(
        default_factory=dict,
        title="Next channels",
        description="For each channel those to try next, in order.",
        json_schema_extra={"format": "channels_by_channel"},
    )
    when: Annotated[list[When], Once] = Field(
        default_factory=lambda: ["failed", "blocked", "no_address", "no_consent"],
        title="Not reached when",
        description="What counts as not reached.",
    )
    unopened_after: Length = Field(
        24 * HOUR_MS, title="Unopened after", description="So long after it was sent it counts as unopened."
    )
    counts_once: StrictBool = Field(
        False, title="Counts once", description="Whether the whole chain counts as one message in the caps."
    )

    @model_validator(mode="after")
    def leads_elsewhere(self) -> Fallback:
        for channel, others in self.order.items():
            if channel in others or not others:
                raise PydanticCustomError("order", "needs other channels to try, not the same again or none")
        return self


class Brake(Part):
    """When a journey stops by itself because people turn away."""

    unsubscribes: Share | None = Field(None, description="At this share of unsubscribes. Left out: never.")
    complaints: Share | None = Field(None, description="At this share of complaints. Left out: never.")
    over: Length = Field(24 * HOUR_MS, description="Counted over this time.")
    at_least: StrictInt = Field(200, ge=1, le=10_000_000, description="Not before so many messages in that time.")


class Group(Part):
    """Journeys that exclude each other: somebody is in one of them at a time."""

    name: Slug = Field(title="Short name", description="What decisions say.")
    journeys: Annotated[list[Slug], Once] = Field(
        min_length=2, max_length=MOST, description="Names of the journeys.", json_schema_extra={"among": "journeys"}
    )
    when_met: Literal["refuse", "higher_wins"] = Field(
        "refuse",
        title="Who is in one and comes to another",
        description="What becomes of somebody two of them want.",
        json_schema_extra={
            "words": {
                "refuse": "stays where they are",
                "higher_wins": "is taken over by the one of higher priority, and leaves the other",
            }
        },
    )


class Priority(Part):
    """The standing of a journey among the others."""

    class_: Literal["automation", "lifecycle", "promo"] = Field(
        alias="class", title="Class", description="Automation goes before lifecycle, and that before promo."
    )
    weight: StrictInt = Field(50, ge=0, le=100, description="Within its class: the larger goes first.")


class Policy(Part):
    """Everything the owner lays down for all journeys together."""

    caps: list[Cap] = Field(default_factory=list, max_length=MOST, description="How many messages are enough.")
    quiet_hours: list[QuietHours] = Field(default_factory=list, max_length=MOST, description="When nothing goes out.")
    working_hours: list[WorkingHours] = Field(
        default_factory=list, max_length=MOST, description="The only hours in which something goes out."
    )
    cool_down: dict[Slug, Length] = Field(
        default_factory=dict,
        title="Between two messages",
        description="At least so long between two messages on a channel.",
        json_schema_extra={"format": "length_by_channel"},
    )
    reserve: Length = Field(
        0,
        title="Room kept for better ones",
        description="Room under a cap is kept for a message of a higher class that is due within this time.",
    )
    behaviour: Behaviour = Field(
        default=Behaviour.model_validate({}), description="Holding back after what people did."
    )
    expiry: Expiry = Field(default=Expiry.model_validate({}), description="How long a message may wait.")
    fallback: Fallback = Field(default=Fallback.model_validate({}), description="The channel that comes next.")
    brake: Brake = Field(default=Brake.model_validate({}), description="When a journey stops by itself.")
    groups: list[Group] = Field(default_factory=list, max_length=MOST, description="Journeys that exclude each other.")
    priorities: dict[Slug, Priority] = Field(
        default_factory=dict, description="The standing of single journeys, over what they say themselves."
    )

    @model_validator(mode="after")
    def names_once(self) -> Policy:
        for rules in (self.caps, self.groups):
            names = [rule.name for rule in rules]
            if again := next((name for name in names if names.count(name) > 1), None):
                raise PydanticCustomError("twice", "has two rules called {name}; rename one", {"name": again})
        return self

    def written(self) -> dict[str, Any]:
        """As it is kept, hashed and written to a file."""
        return self.model_dump(mode="json", by_alias=True)


NOTHING_SET = Policy.model_validate({})  # what applies before the owner has set anything
