"""Tests of what stands of a person now: a computed feature, membership in a segment, a consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from .chooser import Chooser, measured, weighed
from .comparison import NAME, Comparison
from .node import NodeSettings
from .operators import OPERATORS
from .step import ConsentNeed, FeatureNeed, Need, SegmentNeed

STATES = {
    "granted": "was granted",
    "denied": "was denied",
    "withdrawn": "was withdrawn",
    "unknown": "was never asked for",
}


class FeatureTest(Comparison):
    """A test of a computed feature, such as ``{feature: orders, op: at_least, value: 3}``."""

    feature: str = Field(min_length=1, max_length=NAME, description="Name of the feature, such as orders.")

    def words(self) -> str:
        return f"{self.feature.replace('_', ' ')} {self.comparison_words()}"

    def need(self) -> FeatureNeed:
        return FeatureNeed(self.feature)

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        return weighed(self.need(), OPERATORS[self.op].make(self.value))


class SegmentTest(NodeSettings):
    """Is a member of a segment or not, such as ``{segment: loyal_customers}``."""

    segment: str = Field(min_length=1, max_length=NAME, description="Short name of the segment.")
    member: bool = Field(True, description="Whether they are in it, or are not.")

    def words(self) -> str:
        return f"is {'' if self.member else 'not '}in the segment {self.segment}"

    def need(self) -> SegmentNeed:
        return SegmentNeed(self.segment)

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        member = self.member
        return measured(self.need(), lambda inside: bool(inside) is member)


class ConsentTest(NodeSettings):
    """What they said about a topic, such as ``{consent: newsletter, channel: email, state: granted}``."""

    consent: str = Field(min_length=1, max_length=NAME, description="Name of the topic.")
    channel: str = Field("email", min_length=1, max_length=NAME, description="The channel, such as email.")
    state: Literal["granted", "denied", "withdrawn", "unknown"] = Field(
        "granted",
        description="What was said last; never asked for is not granted.",
        json_schema_extra={"words": {**STATES}},
    )

    def words(self) -> str:
        return f"consent to {self.consent} by {self.channel} {STATES[self.state]}"

    def need(self) -> ConsentNeed:
        return ConsentNeed(self.consent, self.channel)

    def needs(self) -> Iterator[Need]:
        yield self.need()

    def compiled(self) -> Chooser:
        state = self.state
        return measured(self.need(), lambda said: (said or "unknown") == state)
