"""Messages that wait for a visit: on the site, in the app, in somebody's inbox there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from ...storage import waiting_messages
from ...storage.database import Tx
from .channel import Parcel, Refused
from .medium import Form, Medium, Template
from .placed import Placed

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
SHOWN = ("title", "text", "picture", "button", "url", "placement", "pages")
LONGEST = 300  # characters of an address pattern


class InAppForm(Form):
    """What a visitor reads, where, and how often."""

    title: Template = Field("", description="A line above the text.")
    text: Template = Field(description="What it says. Plain text; an empty line begins a new paragraph.")
    picture: Template = Field("", description="The address of a picture, shown above the text.")
    button: Template = Field("", description="The words on the button. Empty: no button.")
    url: Template = Field(
        "",
        description="Where the button leads: https://…, or a path of the same site such as /cart.",
        json_schema_extra={"link": True},
    )
    placement: Literal["banner", "modal", "card", "inbox"] = Field(
        "card", description="Across the top, over the page, in a corner, or only in the list one opens."
    )
    pages: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Only on these pages: /cart*, or https://shop.example.com/*. * stands for anything. Empty: all.",
    )
    shown_at_most: int = Field(3, ge=0, le=100, description="How often it is shown. 0: until it is closed.")
    pause_minutes: int = Field(60, ge=0, le=43_200, description="At least so long between two showings, in minutes.")
    expires_hours: int = Field(720, ge=1, le=8_760, description="After so many hours it waits no longer.")

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        found = []
        if said.get("button") and not said.get("url"):
            found.append("The button needs an address it leads to.")
        for pattern in said.get("pages") or ():
            if not str(pattern).startswith(("/", "*", "http://", "https://")) or len(str(pattern)) > LONGEST:
                found.append(f"A page begins with / or https://, and “{str(pattern)[:60]}” does not.")
        return found


IN_APP = Medium(
    "in_app", "On-site message", "web", "contact", InAppForm,
    "Waits for the next visit to your site or app, and shows itself there.", silent=True,
)  # fmt: skip


class InApp(Placed):
    """Puts messages where the script on the site and the API find them."""

    name = "in_app"
    label = "On the site"
    said = "It waits for the next visit."

    def written(self, parcel: Parcel, now_ms: int) -> dict[str, Any] | Refused:
        fields = parcel.rendered.fields
        if not str(fields.get("text") or "").strip():
            return Refused(0, "Filled for this contact, the message says nothing.")
        return dict(fields)

    def put(self, tx: Tx, found: Mapping[int, tuple[int, dict[str, Any]]], now_ms: int) -> None:
        rows = []
        for message_id, (contact, fields) in found.items():
            content = {name: fields[name] for name in SHOWN if fields.get(name)}
            content["pause_ms"] = int(fields.get("pause_minutes", 0)) * MINUTE_MS
            until = now_ms + int(fields.get("expires_hours", 720)) * HOUR_MS
            rows.append((message_id, contact, content, now_ms, until, int(fields.get("shown_at_most", 0))))
        waiting_messages.place(tx, rows)
