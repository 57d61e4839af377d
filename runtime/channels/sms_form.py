"""What a text message says, and the addresses in it made short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from .medium import Form, Medium, Template
from .sms_parts import plain

if TYPE_CHECKING:
    from ..content.links import Links

LONGEST = 1_600  # characters; what most carriers take, ten parts


class SmsForm(Form):
    """A text message."""

    text: Template = Field(min_length=1, description="The message. A part holds 160 letters, or 70 with accents.")
    shorten: bool = Field(
        True, title="Short addresses", description="Addresses in it become short ones of yours, and are counted."
    )
    opt_out: bool = Field(
        True, title="Way out", description="Marketing ends with a line that says how to get no more texts."
    )
    plain: bool = Field(
        False, title="Plain letters", description="Letters are written without accents, so that a part holds 160."
    )

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        if len(str(said.get("text", ""))) > LONGEST:
            return [f"The text is longer than {LONGEST:,} characters: carriers do not take it."]
        return []

    @classmethod
    def signed(cls, fields: Mapping[str, Any], links: Links, message_id: int) -> Mapping[str, Any]:
        from ..content.short import shortened, way_out

        text, short = str(fields["text"]), ()
        if fields["shorten"]:
            text, short = shortened(text, links, message_id)
        return {"text": text, "short": short, "way_out": way_out(links, message_id)}


def words(fields: Mapping[str, Any], line: str = "") -> str:
    """The text as it goes out, with the line that says how to get no more."""
    text = str(fields.get("text") or "")
    text = f"{text}\n{line}" if line else text
    return plain(text) if fields.get("plain") else text


def foreseen(fields: Mapping[str, Any], base: str = "https://go.example.com") -> Mapping[str, Any]:
    """A text still being written, with its addresses as long as they will be: to be counted, never to be sent."""
    from ..content.short import FOUND

    if not fields.get("shorten") or "way_out" in fields or not base:
        return fields
    return {**fields, "text": FOUND.sub(f"{base}/s/12345678", str(fields.get("text") or ""))}


SMS = Medium("sms", "Text message", "sms", "phone", SmsForm, "A short text to a phone, paid for by parts.")
