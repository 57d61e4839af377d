"""What sending has to know of a version: what it is, whether it may run, and its letters once they are compiled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..storage.handover import Approved, Facts
from .content.forms import Compiled
from .content.letter import Letter
from .policy import gate
from .policy.gate import Terms, Verdict
from .policy.hygiene import Silence


@dataclass(frozen=True, slots=True)
class Sendable:
    """A version as it was approved, and the terms it is sent under."""

    of: Approved
    terms: Terms
    letters: dict[str, Letter | Compiled] = field(default_factory=dict)

    def ask(self, known: Facts, now_ms: int, silence: Silence) -> Verdict:
        """What the gate says to one message of this version."""
        intact = self.terms.intact and known.content_hash == self.of.content_hash
        return gate.decide([known], [replace(self.terms, intact=intact)], now_ms, silence)[0]
