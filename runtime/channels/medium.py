"""What a medium is: a way people are reached, whoever carries it. What a message of it says, and whom it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from ..content.links import Links

Template = Annotated[str, Field(json_schema_extra={"template": True})]
"""A field of a form that is filled for each contact, like a letter."""

Address = Literal["email", "phone", "device", "contact", "post", "ours"]
"""What somebody is reached by. "contact": they need no address, they visit. "ours": it goes to us, not to them."""


class Form(BaseModel):
    """What a message of a medium says. Fields that are a `Template` are filled for each contact.

    A field whose ``json_schema_extra`` has ``"link": True`` holds an address: it is counted like a link in a letter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        """What is wrong with a message beyond its fields, as sentences."""
        return []

    @classmethod
    def signed(cls, fields: Mapping[str, Any], links: Links, message_id: int) -> Mapping[str, Any]:
        """Further fields made for one contact's message: the addresses at which the receiver's side reports back.

        ``short`` among them are short addresses, each with where it leads; they are written down when it leaves.
        """
        return {}

    def within(self, name: str) -> str:
        """What the values of a template stand within, and are escaped for: json, url or html; "" for plain text."""
        return str(type(self).model_json_schema()["properties"][name].get("within", ""))


@dataclass(frozen=True, slots=True)
class Medium:
    """One way to reach people. Every module in this folder that holds one declares it.

    ``to_people``: false for what goes to our own systems or colleagues; the gate then asks for no consent, no quiet
    hours and no cap. ``silent``: it disturbs nobody (a message that waits for a visit), so quiet hours do not hold it.
    """

    name: str  # as it stands in messages, letters and policies
    label: str  # "Text message"
    icon: str  # a Material Symbols name
    address: Address
    form: type[Form]
    help: str = ""
    to_people: bool = True
    silent: bool = False
