"""Send by any channel there is: one that an extension brings needs no step of its own."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending, named
from .sending_settings import SendingSettings
from .slug import Slug


class MessageSettings(SendingSettings):
    by: Slug = Field(
        title="Channel",
        description="The channel by its name, such as one that an extension brings.",
        json_schema_extra={"format": "channel"},
    )
    message: Slug = Field(
        description="The message to send, by its name among the journey's letters.",
        json_schema_extra={"format": "letter"},
    )


class Message(Sending):
    kind = "message"
    face = Face("Any other channel", "send", "Channels", "Sends a message by a channel that has no step of its own.")
    Settings = MessageSettings
    example: ClassVar = {"by": "sms", "message": "reminder-sms"}

    def first(self) -> tuple[str, str]:
        return self.settings.by, self.settings.message

    def summary(self) -> str:
        return self._and_else(f"{self.settings.message} by {named(self.settings.by)}")
