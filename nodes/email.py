"""Send a letter and go on when it is handed over."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending
from .sending_settings import SendingSettings
from .slug import Slug


class EmailSettings(SendingSettings):
    letter: Slug = Field(
        description="The letter to send, by its name.", json_schema_extra={"format": "letter", "medium": "email"}
    )


class Email(Sending):
    kind = "email"
    channel = "email"
    face = Face("E-mail", "mail", "Channels", "Sends a letter; people go on when it was handed over.")
    Settings = EmailSettings
    example: ClassVar = {"letter": "reminder", "when_skipped": "leave"}

    def first(self) -> tuple[str, str]:
        return self.channel, self.settings.letter
