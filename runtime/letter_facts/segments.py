"""Which segments the reader is in: ``segments.vip`` is true or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ...storage.database import Tx
from ...storage.handover import Filling
from ...storage.letter_facts import memberships
from ..content.needs import ANY
from .provider import Around, Provider


def load(tx: Tx, fillings: Sequence[Filling], wanted: frozenset[str], around: Around) -> list[dict[str, bool]]:
    """By name, those the contact is in."""
    inside = memberships(tx, _people(fillings), None if ANY in wanted else sorted(wanted))
    return [dict.fromkeys(inside.get(one.contact_id, ()), True) for one in fillings]


def _people(fillings: Sequence[Filling]) -> list[int]:
    return sorted({one.contact_id for one in fillings})


PROVIDER = Provider("segments", load)
