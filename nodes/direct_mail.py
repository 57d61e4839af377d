"""Hand a letter on paper over to be printed and posted."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .sending import Sending
from .sending_settings import SendingSettings
from .slug import Slug


class DirectMailSettings(SendingSettings):
    message: Slug = Field(
        title="Letter on paper",
        description="The letter on paper to send, by its name.",
        json_schema_extra={"format": "letter", "medium": "direct_mail"},
    )


class DirectMail(Sending):
    kind = "direct_mail"
    channel = "direct_mail"
    face = Face("Letter on paper", "local_post_office", "Channels", "Hands a personal letter over for printing.")
    Settings = DirectMailSettings
    example: ClassVar = {"message": "reminder-paper"}
