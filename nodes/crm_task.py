"""Give somebody a task about a contact."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .node import Face
from .own_content import ACCOUNT, LONGEST, OwnContent
from .sending_settings import SendingSettings


class CrmTaskSettings(SendingSettings):
    title: str = Field(min_length=1, max_length=500, description="What is to be done, in one line.")
    description: str = Field(
        "", max_length=LONGEST, description="What one should know.", json_schema_extra={"format": "multiline"}
    )
    kind: Literal["task", "call", "email", "meeting"] = Field("task", description="What sort of task.")
    due_hours: int = Field(72, ge=0, le=8760, title="Due in hours", description="By when, in hours from then.")
    owner: str = Field("", max_length=500, description="Whose task: a name or an address; empty: nobody's yet.")
    value: str = Field("", max_length=100, description="What it is worth, a number.")
    currency: str = Field("", max_length=3, description="In which currency, such as EUR.")
    account: str = Field("", max_length=64, description=ACCOUNT)


class CrmTask(OwnContent):
    kind = "crm_task"
    channel = "crm_task"
    face = Face("Task", "task_alt", "Actions", "Puts a task about the contact on the list, or into your CRM.")
    Settings = CrmTaskSettings
    says = ("title",)
    example: ClassVar = {"title": "Call {{ contact.first_name }} about the order", "kind": "call", "due_hours": 24}
    starter: ClassVar = {"title": "Call {{ contact.email }}"}
