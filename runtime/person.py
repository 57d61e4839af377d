"""A contact in the making: what messages and rows of files say of them, before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..storage.columns import load
from . import addresses

MAX_PROFILE = 1_000  # properties of one contact
EMAIL_FLAG = "email_flag"  # the property that says an address is disposable, or nobody's own
ALIASES = {  # Segment's reserved traits that letters know by another name
    "firstName": "first_name",
    "lastName": "last_name",
}


class Claim(NamedTuple):
    """The names one message or one row of a file gives a person. ``previous`` is the id they had before (alias).

    ``phone`` is given only where numbers identify people; ``others`` are `(kind, value)` of `further_names`.
    """

    user: str | None = None
    anonymous: str | None = None
    email: str | None = None
    previous: str | None = None
    phone: str | None = None
    others: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False)
class Person:
    """A contact in the making. ``id`` is 0 until a new one is saved."""

    id: int = 0
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    stored: Any = "{}"
    changed: bool = False
    merged: Person | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    read: bool = False

    def open(self) -> dict[str, Any]:
        """The properties, parsed when they are first asked for."""
        if not self.read:
            self.properties = dict(load(self.stored) or {})
            self.read = True
        return self.properties

    def root(self) -> Person:
        """Who this is after all merges."""
        person = self
        while person.merged is not None:
            person = person.merged
        return person

    def set(self, traits: Mapping[str, Any], country: str = "") -> list[str]:
        """Write traits: None takes one away. Returns sentences about what was left out."""
        notes: list[str] = []
        properties = self.open()
        for name, value in traits.items():
            if name == "email":
                self._set_email(value, notes)
            elif name == "phone":
                self._set_phone(value, country, notes)
            else:
                for key in (name, ALIASES[name]) if name in ALIASES else (name,):
                    if value is None:
                        self.changed |= properties.pop(key, None) is not None
                    elif key not in properties and len(properties) >= MAX_PROFILE:
                        notes.append(f"The contact has {MAX_PROFILE} properties already, so {key!r} was left out.")
                    elif key not in properties or not _same(properties[key], value):
                        properties[key] = value
                        self.changed = True
        return notes

    def _set_email(self, value: Any, notes: list[str]) -> None:
        address = None
        if value is not None and value != "":
            try:
                address = addresses.email(value)
            except addresses.NotAnAddress as error:
                notes.append(f"The e-mail address was left out, the rest was kept: {error}.")
                return
        if self.email == address:
            return
        self.email = address
        self.changed = True
        flag = addresses.flag(address)
        if flag:
            self.open()[EMAIL_FLAG] = flag
        else:
            self.open().pop(EMAIL_FLAG, None)

    def _set_phone(self, value: Any, country: str, notes: list[str]) -> None:
        number = None if value is None or value == "" else addresses.phone(value, country)
        if number is None and value not in (None, ""):
            notes.append("The phone number was left out, the rest was kept: no number looks like that.")
        elif self.phone != number:
            self.phone = number
            self.changed = True


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: True is not 1."""
    return type(one) is type(other) and one == other
