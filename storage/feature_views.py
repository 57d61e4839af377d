"""How figures are spread over everybody: how many people have one, and how many stand in each part of it."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Tx
from .features import FIGURES


def counted(tx: Tx) -> int:
    """How many people have been worked out."""
    return tx.value("SELECT count(*) FROM features WHERE stage IS NOT NULL") or 0


def buckets(tx: Tx, figure: str, edges: Sequence[float]) -> tuple[list[int], int]:
    """How many stand below the first edge, between each two, and from the last one on; then how many have none."""
    assert figure in FIGURES
    cases = "".join(f" WHEN {figure} < ? THEN {place}" for place in range(len(edges)))
    found = dict(
        tx.rows(
            f"SELECT CASE WHEN {figure} IS NULL THEN -1{cases} ELSE {len(edges)} END, count(*)"
            " FROM features WHERE stage IS NOT NULL GROUP BY 1",
            list(edges),
        )
    )  # type: ignore[arg-type]
    return [found.get(place, 0) for place in range(len(edges) + 1)], found.get(-1, 0)


def values(tx: Tx, figure: str, most: int) -> list[tuple[str | None, int]]:
    """``(value, how many)`` of a text, the most frequent first; None for those who have none."""
    assert figure in FIGURES
    found = tx.rows(
        f"SELECT {figure}, count(*) AS n FROM features WHERE stage IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT ?",
        (most,),
    )
    return [(value, n) for value, n in found]
