"""Send by the first channel that works: one message in several forms, tried in order until one went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending, named
from .sending_settings import Chain, Outcomes, Way


class FallbackSettings(Chain, Outcomes):
    ways: tuple[Way, ...] = Field(
        min_length=1,
        max_length=10,
        title="In this order",
        description="The forms of the message, the one to try first on top.",
        json_schema_extra={"format": "ways"},
    )


class FirstThatWorks(Sending):
    kind = "fallback"
    face = Face("First channel that works", "low_priority", "Channels", "Tries one channel after another.")
    Settings = FallbackSettings
    example: ClassVar = {
        "ways": [{"channel": "email", "message": "reminder"}, {"channel": "sms", "message": "reminder-sms"}],
        "instead_when": "chosen",
        "causes": ["failed", "blocked", "no_address", "no_consent"],
    }

    def first(self) -> tuple[str, str]:
        return self.settings.ways[0].channel, self.settings.ways[0].message

    def others(self) -> Sequence[Way]:
        return self.settings.ways[1:]

    def summary(self) -> str:
        return ", else ".join(dict.fromkeys(named(send.channel) for send in self.sends))
