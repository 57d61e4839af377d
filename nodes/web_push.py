"""Send a notification to browsers that agreed to it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending
from .sending_settings import SendingSettings
from .slug import Slug


class WebPushSettings(SendingSettings):
    message: Slug = Field(
        title="Notification",
        description="The browser notification to send, by its name.",
        json_schema_extra={"format": "letter", "medium": "web_push"},
    )


class WebPush(Sending):
    kind = "web_push"
    channel = "web_push"
    face = Face(
        "Browser notification",
        "desktop_windows",
        "Channels",
        "Sends a notification to their browsers.",
    )
    Settings = WebPushSettings
    example: ClassVar = {"message": "reminder-browser"}
