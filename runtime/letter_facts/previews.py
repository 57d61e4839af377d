"""Previews with the same facts that the letter will be filled with; nothing is given away, and nobody outside asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...storage.handover import Filling
from ..content.brand import Brand
from ..content.proof import NOBODY, PROOFS, Proof
from .provider import completed


def proof_for(parts: Any, letter: Mapping[str, Any], filling: Filling | None, brand: Brand, marketing: bool) -> Proof:
    """The letter for one contact, with all it asks for. ``parts`` have ``db`` and ``clock``. Call it off the loop."""
    needs = PROOFS.needs(letter, marketing)
    if needs:
        now_ms, known = parts.clock.now_ms(), filling or NOBODY
        filling = parts.db.look(lambda tx: completed(tx, [known], needs, now_ms))[0]
    return PROOFS.of(letter, filling, brand, marketing)
