"""Send a text message to a phone."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending
from .sending_settings import SendingSettings
from .slug import Slug


class SmsSettings(SendingSettings):
    message: Slug = Field(
        title="Text message",
        description="The text message to send, by its name.",
        json_schema_extra={"format": "letter", "medium": "sms"},
    )


class Sms(Sending):
    kind = "sms"
    channel = "sms"
    face = Face("Text message", "sms", "Channels", "Sends a text message; people go on when it was handed over.")
    Settings = SmsSettings
    example: ClassVar = {"message": "reminder-sms"}
