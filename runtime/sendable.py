"""What sending has to know of a version: what it is, whether it may run, and its letters once they are compiled."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..storage.handover import Approved, Facts
from .content.letter import Letter
from .policy import gate
from .policy.gate import Verdict


@dataclass(frozen=True, slots=True)
class Sendable:
    """A version as it was approved. ``intact``: its content still has the hash it was approved under."""

    of: Approved
    transactional: bool
    intact: bool
    letters: dict[str, Letter] = field(default_factory=dict)

    def ask(self, known: Facts) -> Verdict:
        """What the gate says to one message of this version."""
        intact = self.intact and known.content_hash == self.of.content_hash
        return gate.decide([known], [self.transactional], [intact])[0]
