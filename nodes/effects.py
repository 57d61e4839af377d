"""What a step may have done besides moving people: data, which the runtime carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SetProfile:
    """Write these properties to the contact's profile; None takes a property away."""

    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """Take the contact out of other journeys, by name or by class, and bring them into another one, by name."""

    leave: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    enter: str | None = None
