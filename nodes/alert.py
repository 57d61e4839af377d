"""Tell a colleague."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face
from .own_content import LONGEST, OwnContent
from .sending_settings import SendingSettings


class AlertSettings(SendingSettings):
    title: str = Field(min_length=1, max_length=500, description="What is the matter, in one line.")
    text: str = Field("", max_length=LONGEST, description="More about it.", json_schema_extra={"format": "multiline"})
    to: str = Field("", max_length=2000, description="E-mail addresses of colleagues, with commas between them.")
    account: str = Field("", max_length=64, title="Chat", description="A chat's account, by its name.")
    most_per_hour: int = Field(
        20, ge=1, le=1000, title="At most per hour", description="More than this come together, once an hour."
    )


class Alert(OwnContent):
    kind = "alert"
    channel = "alert"
    face = Face("Alert", "campaign", "Actions", "Tells colleagues by e-mail or in a chat.")
    Settings = AlertSettings
    says = ("title",)
    example: ClassVar = {"title": "{{ contact.email }} is about to leave us", "to": "sales@example.com"}
    starter: ClassVar = {"title": "{{ contact.email }} needs a look"}
