"""What follows from what became of messages: addresses that are gone, devices that are, and what was learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..storage import devices, people
from ..storage.database import Tx
from ..storage.messages import Result
from .deliverability import counting
from .policy import hygiene


def keep(tx: Tx, results: Sequence[Result], now_ms: int) -> None:
    """Draw the conclusions from results that were this worker's."""
    hygiene.keep(tx, results, now_ms)
    counting.keep(tx, results, now_ms)
    gone = [token for result in results for token in result.gone]
    if gone:
        devices.forget_tokens(tx, gone)
    learnt: list[tuple[int, dict[str, Any]]] = [(one.message_id, dict(one.learnt)) for one in results if one.learnt]
    if learnt:
        people.learn(tx, learnt, now_ms)
