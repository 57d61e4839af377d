"""Call another system, and write down what it answers."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .node import Face
from .own_content import ACCOUNT, LONGEST, OwnContent
from .sending_settings import SendingSettings


class WebhookSettings(SendingSettings):
    account: str = Field("", max_length=64, description=ACCOUNT)
    method: Literal["POST", "PUT", "PATCH", "GET", "DELETE"] = Field("POST", description="The method of the call.")
    path: str = Field(
        "", max_length=2000, description="What is added to the account's address; variables are escaped for it."
    )
    headers: dict[str, str] = Field(default_factory=dict, max_length=30, description="Headers of the call.")
    kind: Literal["json", "text"] = Field("json", title="Body is", description="What the body is.")
    body: str = Field(
        "",
        max_length=LONGEST,
        description="The body; variables are escaped for it. Empty: the whole profile.",
        json_schema_extra={"format": "multiline"},
    )
    learn: dict[str, str] = Field(
        default_factory=dict,
        max_length=30,
        title="Write to the profile",
        description="Properties of the profile, each with its place in the answer, such as customer.score.",
    )


class Webhook(OwnContent):
    kind = "webhook"
    channel = "webhook"
    face = Face("Webhook", "webhook", "Actions", "Calls another system and may write its answer to the profile.")
    Settings = WebhookSettings
    says = ("path", "account")
    example: ClassVar = {
        "account": "shop",
        "path": "/customers/{{ contact.external_id }}/vouchers",
        "body": '{"percent": 10, "email": {{ contact.email }}}',
        "learn": {"voucher": "voucher.code"},
    }

    def summary(self) -> str:
        said = super().summary()
        return f"{self.settings.method} {said}".strip()
