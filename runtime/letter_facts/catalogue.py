"""Single products of the catalogue: ``catalogue["p01"].title``, whoever reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...storage import products
from ...storage.database import Tx
from ...storage.handover import Filling
from .lines import shown
from .provider import Around, Provider


def load(tx: Tx, fillings: Sequence[Filling], wanted: frozenset[str], around: Around) -> list[dict[str, Any]]:
    """By sku, those that are sold."""
    skus = sorted(wanted)
    found = around.kept.of(f"catalogue {skus}", lambda: {one["sku"]: shown(one) for one in products.of(tx, skus)})
    return [found for _ in fillings]


PROVIDER = Provider("catalogue", load)
