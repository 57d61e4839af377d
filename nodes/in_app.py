"""Leave a message that waits for the next visit."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending
from .sending_settings import SendingSettings
from .slug import Slug


class InAppSettings(SendingSettings):
    message: Slug = Field(
        title="Message",
        description="The on-site message to leave, by its name.",
        json_schema_extra={"format": "letter", "medium": "in_app"},
    )


class InApp(Sending):
    kind = "in_app"
    channel = "in_app"
    face = Face("On-site message", "web_asset", "Channels", "A message waits on the site until they come by.")
    Settings = InAppSettings
    example: ClassVar = {"message": "reminder-card"}
