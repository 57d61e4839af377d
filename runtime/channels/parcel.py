"""What goes through a channel: one message for one contact, and what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..content.brand import Brand
from ..content.rendered import Rendered


@dataclass(frozen=True, slots=True)
class Token:
    """One device or browser of a contact. ``keys`` is what its subscription needs beside its address."""

    carrier: str
    token: str
    app: str = ""
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, ready for hand-over. ``to`` is the address of the medium, "" where it needs none."""

    message_id: int
    to: str
    rendered: Rendered
    brand: Brand
    unsubscribe_url: str = ""  # "" for a message nobody can unsubscribe from
    at_ms: int = 0  # when it is sent, by the instance's clock; 0 for the machine's
    contact_id: int = 0
    contact: Mapping[str, Any] = field(default_factory=dict)  # the profile
    devices: tuple[Token, ...] = ()
    barred: frozenset[str] = frozenset()  # senders of ours this contact said STOP to
    transactional: bool = False
    letter: str = ""  # its name inside the version
    journey: str = ""
    topic: str = ""
    kind: str = ""  # the message type: marketing, transactional, reengagement
    closed: frozenset[str] = frozenset()  # accounts that have no room for it today


@dataclass(frozen=True, slots=True)
class Price:
    """What one message would cost: ``units`` (parts of a text, sheets), and money where a unit has a price."""

    units: int
    amount: float | None = None
    currency: str = ""
