"""What sending has to know of a version: what it is, and its letters once they are compiled."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..storage.handover import Approved
from .content.forms import Compiled
from .content.letter import Letter
from .policy.gate import Terms


@dataclass(frozen=True, slots=True)
class Sendable:
    """A version as it was approved, and the terms it is sent under."""

    of: Approved
    terms: Terms
    letters: dict[str, Letter | Compiled] = field(default_factory=dict)
