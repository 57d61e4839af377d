"""Send a notification to the app on somebody's phone."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending
from .sending_settings import SendingSettings
from .slug import Slug


class PushSettings(SendingSettings):
    message: Slug = Field(
        title="Notification",
        description="The push notification to send, by its name.",
        json_schema_extra={"format": "letter", "medium": "push"},
    )


class Push(Sending):
    kind = "push"
    channel = "push"
    face = Face("Push notification", "notifications", "Channels", "Sends a notification to the app on their phones.")
    Settings = PushSettings
    example: ClassVar = {"message": "reminder-push"}
