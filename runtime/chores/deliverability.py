"""Folds how letters fare, begins the days of warm-ups, stops what harms the sender, and lets it go on after a while."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from ...storage import reputation, warm_ups
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.sender_brakes import SenderBrake
from ..deliverability import brakes, warm_up
from .brake import News, tell
from .chore import DAY_MS, HOUR_MS, Chore

KEPT_DAYS = 400
PLACES_DAYS = 10

log = logging.getLogger("sojourn.runtime")


def run(parts: Any) -> int:
    """Nobody is due: letters are asked again by themselves."""
    now_ms = parts.clock.now_ms()
    while parts.db.write(reputation.fold) >= 20_000:
        pass
    stopped, released = parts.db.write(lambda tx: _look(tx, now_ms), durable=True)
    for one in released:
        brakes.forward(parts.db, one, now_ms)
    for sentence in stopped:
        log.warning(sentence)
    if stopped:
        asyncio.run(tell(parts, _news(stopped, now_ms)))
    return 0


def _look(tx: Tx, now_ms: int) -> tuple[list[str], list[SenderBrake]]:
    """What was stopped, as sentences, and what may go on again; in one commit, for mostly there is nothing."""
    stopped = [*brakes.look(tx, now_ms), *warm_up.look(tx, now_ms)]
    released = brakes.release_due(tx, now_ms)
    brakes.say(tx)
    warm_ups.forget_places(tx, (from_ms(now_ms) - timedelta(days=PLACES_DAYS)).date().isoformat())
    reputation.forget(tx, now_ms // DAY_MS - KEPT_DAYS)
    return stopped, released


def _news(stopped: list[str], now_ms: int) -> list[News]:
    title = "Letters have stopped by themselves"
    return [(title, sentence, "/deliverability", now_ms + place) for place, sentence in enumerate(stopped)]


CHORE = Chore("deliverability", 60, run, pace_ms=6 * HOUR_MS, apart=True)
