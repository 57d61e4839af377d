"""Figures kept about the reader: ``features.orders``, ``features.favourite_category``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...storage.database import Tx
from ...storage.handover import Filling
from ...storage.letter_facts import figures
from ..content.needs import ANY
from ..feature_catalogue import BY_NAME
from .provider import Around, Provider


def load(tx: Tx, fillings: Sequence[Filling], wanted: frozenset[str], around: Around) -> list[dict[str, Any]]:
    """By name, those that are known of the contact."""
    names = sorted(BY_NAME if ANY in wanted else wanted)
    known = figures(tx, sorted({one.contact_id for one in fillings}), names, around.now_ms)
    return [known.get(one.contact_id, {}) for one in fillings]


PROVIDER = Provider("features", load)
