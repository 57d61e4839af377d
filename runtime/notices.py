"""Sentences that stand on every page until what they speak of is over: each chore keeps its own."""

from __future__ import annotations

from collections.abc import Sequence

from ..storage import settings
from ..storage.database import Tx

KEY = "notices."
MOST = 5  # of one chore: a storm is told in one sentence more


def put(tx: Tx, whose: str, sentences: Sequence[str]) -> None:
    """These are the warnings of this chore now; an empty list takes them back."""
    shown = list(sentences[:MOST])
    if len(sentences) > MOST:
        shown.append(f"And {len(sentences) - MOST} more of the kind.")
    if shown != (settings.fetch(tx, KEY + whose) or []):
        settings.store(tx, KEY + whose, shown)


def all_of(tx: Tx) -> list[str]:
    """Every warning there is."""
    stored = settings.stored(tx)
    return [sentence for key in sorted(stored) if key.startswith(KEY) for sentence in stored[key]]
